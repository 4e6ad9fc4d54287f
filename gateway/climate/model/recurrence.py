"""Linear recurrences without a loop over their rows."""

import numpy as np

from gateway.climate.words import Floats

_FEW = 8
"""So few rows are stepped through one by one."""


def recurrence(matrix: Floats, pushes: Floats, start: Floats) -> Floats:
    """x[k] = matrix x[k - 1] + pushes[k] for m systems of s states, x[-1] being `start`: (m, n, s), from `matrix`
    (m, s, s), `pushes` (m, n, s) and `start` (m, s). For matrices whose powers stay small.

    Odd-even reduction (Blelloch 1990, Prefix Sums and Their Applications): pairs of rows make a recurrence of half the
    length, and its rows are every other row of this one.
    """
    pushes = pushes.copy()
    pushes[:, :1] += start[:, None, :] @ np.swapaxes(matrix, 1, 2)
    return _from_zero(np.swapaxes(matrix, 1, 2), pushes)


def _from_zero(turned: Floats, pushes: Floats) -> Floats:
    """`turned` is the matrix transposed: rows are states."""
    rows = pushes.shape[1]
    result = pushes.copy()
    if rows <= _FEW:
        for row in range(1, rows):
            result[:, row : row + 1] += result[:, row - 1 : row] @ turned
        return result
    odd = _from_zero(turned @ turned, pushes[:, : rows - 1 : 2] @ turned + pushes[:, 1::2])
    result[:, 1::2] = odd
    result[:, 2::2] += odd[:, : (rows - 1) // 2] @ turned
    return result
