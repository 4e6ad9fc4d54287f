"""The words of the motion factory. Planes are luma in levels, float32 `(HEIGHT, WIDTH)`; times in seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Rng = np.random.Generator

WIDTH, HEIGHT = 320, 180
"""Two pixels a cell of the detector: its grid is the 160x90 of a 720p camera, at a fraction of the work."""


class Kind(IntEnum):
    """What moves; the order is that of the network's answer."""

    NUISANCE = 0
    PERSON = 1
    VEHICLE = 2
    ANIMAL = 3


@dataclass(frozen=True, slots=True)
class Patch:
    """A cut-out: luma and how much it covers (0 to 1), both of one shape."""

    luma: Plane
    alpha: Plane


@dataclass(frozen=True, slots=True)
class Placed:
    """A patch with its upper left corner at (x, y) px of the plane; it may stick out."""

    patch: Patch
    x: int
    y: int
    kind: Kind


Figure = Callable[[float], Placed | None]
"""A figure at a time, None while it is away."""

Weather = Callable[[Plane, float], Plane]
"""A plane as it is at a time under something that moves and means nothing; never changes the plane it is given."""


_FAINTEST = 0.06


def lay(plane: Plane, placed: Placed) -> Plane:
    """Draw into `plane`; gives 1 where it covers a pixel, however faintly."""
    covered = np.zeros(plane.shape, np.float32)
    height, width = placed.patch.alpha.shape
    y0, x0 = max(0, placed.y), max(0, placed.x)
    y1, x1 = min(plane.shape[0], placed.y + height), min(plane.shape[1], placed.x + width)
    if y1 > y0 and x1 > x0:
        part = slice(y0 - placed.y, y1 - placed.y), slice(x0 - placed.x, x1 - placed.x)
        alpha, at = placed.patch.alpha[part], (slice(y0, y1), slice(x0, x1))
        plane[at] += alpha * (placed.patch.luma[part] - plane[at])
        covered[at] = alpha > _FAINTEST
    return covered


def soft(rng: Rng, shape: tuple[int, int], cells: float) -> Plane:
    """A smooth random field of unit deviation with about `cells` bumps across its width."""
    columns = max(2, round(cells))
    rows = max(2, round(cells * shape[0] / shape[1]))
    field = rng.standard_normal((rows, columns), dtype=np.float32)
    return np.asarray(cv2.resize(field, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def chance(rng: Rng, share: float) -> bool:
    return bool(rng.random() < share)
