"""Small typed words over OpenCV for planes (float32) and masks (uint8, 0 or 255) of cells, all `(rows, columns)`."""

import cv2
import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


def above(plane: Plane, limit: Plane) -> Mask:
    return np.asarray(cv2.compare(plane, limit, cv2.CMP_GT), np.uint8)


def distance(a: Plane, b: Plane) -> Plane:
    return np.asarray(cv2.absdiff(a, b), np.float32)


def both(a: Mask, b: Mask) -> Mask:
    return np.asarray(cv2.bitwise_and(a, b), np.uint8)


def inverse(mask: Mask) -> Mask:
    return np.asarray(cv2.bitwise_not(mask), np.uint8)


def grown(mask: Mask, cells: int) -> Mask:
    """The mask and `cells` around it."""
    side = 2 * cells + 1
    return np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)), np.uint8)


def opened(mask: Mask) -> Mask:
    """Only what is three cells wide and high."""
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)


def crowded(mask: Mask, neighbours: int) -> Mask:
    """Cells of the mask with at least so many of it, themselves included, in their 3x3: unlike an opening this keeps
    what is two cells wide."""
    share = np.asarray(cv2.blur(mask, (3, 3), borderType=cv2.BORDER_CONSTANT), np.uint8)
    return both(np.asarray(cv2.inRange(share, neighbours * 255 // 9 - 2, 255), np.uint8), mask)


def smooth(plane: Plane, side: int) -> Plane:
    """Box mean of `side` x `side`, the border repeated."""
    return np.asarray(cv2.blur(plane, (side, side), borderType=cv2.BORDER_REPLICATE), np.float32)


def largest(plane: Plane) -> float:
    """The largest magnitude."""
    return float(cv2.norm(plane, cv2.NORM_INF))


def coarse(plane: Plane, step: int) -> Plane:
    """Means over `step` x `step` cells; the remainder is left out, because whole steps are averaged much faster."""
    rows, columns = (max(1, side // step) for side in plane.shape)
    whole = plane[: rows * step, : columns * step]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def fine(plane: Plane, shape: tuple[int, ...]) -> Plane:
    """A coarse plane drawn out to `shape`."""
    return np.asarray(cv2.resize(plane, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def blend(value: Plane, into: Plane, share: float, where: Mask | None = None) -> None:
    """Move `into` towards `value` by `share`, in place."""
    cv2.accumulateWeighted(value, into, share, where)
