"""Turning and scaling a face so that eyes, nose and mouth lie where the embedding expects them."""

import cv2
import numpy as np
import numpy.typing as npt

from gateway.perception.blazeface import Floats, Rgb

CHIP_SIZE = 150
"""Side in px of an aligned face."""

TARGET: Floats = np.array([[45.396, 45.840], [102.137, 45.403], [72.396, 77.560], [73.563, 107.787]], np.float32)
"""Eye on the left, eye on the right, nose tip, mouth centre on the chip: the medians of BlazeFace's points on
faces aligned by dlib itself."""

_SHRINK_FIRST = 0.6


def similarity(source: Floats, target: Floats = TARGET) -> npt.NDArray[np.float64]:
    """The rotation, scale and shift (2, 3) that brings `source` (N, 2) closest to `target` (N, 2) in the
    least-squares sense. Degenerate points (all the same) give scale 0."""
    s_mean, d_mean = source.mean(axis=0, dtype=np.float64), target.mean(axis=0, dtype=np.float64)
    s, d = source - s_mean, target - d_mean
    spread = max(float((s * s).sum()), 1e-12)
    a = float((s * d).sum()) / spread
    b = float((s[:, 0] * d[:, 1] - s[:, 1] * d[:, 0]).sum()) / spread
    turn = np.array([[a, -b], [b, a]])
    return np.column_stack([turn, d_mean - turn @ s_mean])


def chip(rgb: Rgb, points: Floats) -> Rgb:
    """The aligned face (150, 150, 3) RGB uint8 from the first four of `points` (>= 4, 2) px; beyond the picture
    its edge is repeated. A large face is shrunk by area first, because bilinear sampling would alias."""
    matrix = similarity(points[: len(TARGET)])
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if 0 < scale < _SHRINK_FIRST:
        return chip(*_shrunk(rgb, points, scale))
    warped = cv2.warpAffine(
        rgb, matrix, (CHIP_SIZE, CHIP_SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.uint8)


def _shrunk(rgb: Rgb, points: Floats, scale: float) -> tuple[Rgb, Floats]:
    """Only the neighbourhood of the face, at the chip's own scale."""
    x0, y0, x1, y1 = _neighbourhood(points, CHIP_SIZE / scale, rgb.shape[1], rgb.shape[0])
    part = rgb[y0:y1, x0:x1]
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    real = np.array([small.shape[1] / part.shape[1], small.shape[0] / part.shape[0]])
    centred = (points - np.array([x0, y0]) + 0.5) * real - 0.5
    return np.asarray(small, np.uint8), centred.astype(np.float32)


def _neighbourhood(points: Floats, side: float, width: int, height: int) -> tuple[int, int, int, int]:
    x, y = points[: len(TARGET)].mean(axis=0)
    x0, y0 = int(np.clip(x - side, 0, width - 1)), int(np.clip(y - side, 0, height - 1))
    return x0, y0, max(x0 + 1, int(min(x + side, width))), max(y0 + 1, int(min(y + side, height)))
