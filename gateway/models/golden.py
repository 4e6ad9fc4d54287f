"""Acceptance of the assembled face embedding: three synthetic pictures and what dlib's network makes of them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from gateway.errors import Refused
from gateway.seams import Backend
from gateway.wire.model_card import ModelCard

Floats = npt.NDArray[np.float32]

EXACT = (1e-4, 1e-4)
INT8 = (0.02, 0.2)
"""Most that may be off: a single output or the norm, and the sum. With int8 filters the worst seen was 0.014 and 0.14
(on even grey), where the cosine to the float answer is 0.998."""

_EXPECTED = (
    (-0.077649, 0.162944, 0.089706, -0.027511, -0.079193, -0.006410, -0.095857, -0.023300, 1.387002, -0.750406),
    (-0.039053, 0.122813, 0.053047, -0.007809, -0.091093, -0.036209, -0.088954, -0.035617, 1.342806, -0.696744),
    (-0.050720, 0.108780, 0.043935, -0.025888, -0.087564, -0.035960, -0.045704, 0.017510, 1.288746, -0.395196),
)
"""Per picture: the first eight outputs, the L2 norm, the sum. Swapped colours or axes change all of them."""


def pictures(side_px: int = 150) -> tuple[Floats, ...]:
    """`[1, side, side, 3]` each: slanted colour ramps, even grey, a coloured chessboard."""
    y, x, c = np.indices((side_px, side_px, 3))
    ramps = (3 * x + 2 * y + 50 * c) % 256
    chess = 255 * ((x // 10 + y // 10 + c) % 2)
    return tuple(picture[None].astype(np.float32) for picture in (ramps, np.full_like(x, 128), chess))


def accept(backend: Backend, card: ModelCard, file: Path, tolerance: tuple[float, float] = EXACT) -> None:
    """Run the pictures through the model at `file`. Raises `Refused("model_golden")` where an answer is off by more
    than `tolerance`, and what `Backend.load` raises."""
    backend.load(card, file)
    try:
        found = np.asarray([_digest(backend.infer([picture])[0]) for picture in pictures()])
    finally:
        backend.close()
    off = np.abs(found - np.asarray(_EXPECTED))
    each, total = float(off[:, :-1].max()), float(off[:, -1].max())
    if not (each <= tolerance[0] and total <= tolerance[1]):  # also when one is not a number
        raise Refused("model_golden", model=card.id, worst=each, worst_sum=total, tolerance=tolerance[0])


def _digest(output: npt.NDArray[np.generic]) -> list[float]:
    vector = output.astype(np.float64).ravel()
    return [*vector[:8].tolist(), float(np.linalg.norm(vector)), float(vector.sum())]
