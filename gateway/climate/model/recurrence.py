"""Linear recurrences without a loop over their rows."""

import numpy as np

from gateway.climate.words import Floats

_FEW = 8
"""So few rows are stepped through one by one."""


def live_through(matrix: Floats, pushes: Floats, start: Floats) -> None:
    """Turn `pushes` (m, n, s) into the states x[k] = matrix x[k - 1] + pushes[k] of m systems, in place, from `matrix`
    (m, s, s) and x[-1] = `start` (m, s). For matrices whose powers stay small.

    Odd-even reduction (Blelloch 1990, Prefix Sums and Their Applications): pairs of rows make a recurrence of half the
    length, and its rows are every other row of this one.
    """
    turned = np.swapaxes(matrix, 1, 2)
    pushes[:, :1] += start[:, None, :] @ turned
    _reduce(turned, pushes)


def _reduce(turned: Floats, rows: Floats) -> None:
    """`turned` is the matrix transposed: rows are states."""
    count = rows.shape[1]
    if count <= _FEW:
        for row in range(1, count):
            rows[:, row] += (rows[:, row - 1 : row] @ turned)[:, 0]
        return
    odd = rows[:, 1::2]
    odd += rows[:, : count - 1 : 2] @ turned
    _reduce(turned @ turned, odd)
    rows[:, 2::2] += odd[:, : (count - 1) // 2] @ turned
