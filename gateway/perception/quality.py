"""Is this face worth recognising? Sharpness, light and pose of one aligned face."""

from dataclasses import dataclass

import cv2
import numpy as np

from gateway.perception.align import TARGET, similarity
from gateway.perception.blazeface import Face, Floats, Rgb

LEAST_WIDTH_PX = 40
"""In px of the source; narrower faces turn into strangers."""

_LEAST_SHARPNESS = 0.005
_LEARNT_SHARPNESS = 0.01
_MOST_TURN = 0.75
_REFERENCE_PX = 75
_CORE = slice(25, 125)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """`sharpness`: mean squared Laplacian of the core of the chip at 75 px over its variance, so that light and
    contrast cancel out; `brightness`: mean luma 0..255; `turn`: 0 is frontal, about 1 is a profile; `misfit`: how
    far, as a share of the eye distance, the four points are from a face that looks straight ahead."""

    sharpness: float
    brightness: float
    turn: float
    misfit: float


def judge(chip: Rgb, points: Floats) -> Quality:
    """Of an aligned face (150, 150, 3) and the points (>= 4, 2) it was aligned by."""
    grey = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_REFERENCE_PX, _REFERENCE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    core = cv2.GaussianBlur(small, (0, 0), 1.0)[12:63, 12:63]  # or noise would pass for sharpness
    edges = cv2.Laplacian(core, cv2.CV_32F, borderType=cv2.BORDER_REPLICATE)
    return Quality(
        sharpness=float((edges * edges).mean() / (core.var() + 4.0)),
        brightness=float(grey[_CORE, _CORE].mean()),
        turn=_turn(points),
        misfit=_misfit(points),
    )


def _turn(points: Floats) -> float:
    """Sideways position of the nose between the eyes: 0 in the middle, 1 at an eye."""
    left, right, nose = points[0], points[1], points[2]
    axis = right - left
    length = float(axis @ axis)
    return 1.0 if length < 1e-6 else min(1.0, abs(2 * float((nose - left) @ axis) / length - 1))


def _misfit(points: Floats) -> float:
    four = points[: len(TARGET)].astype(np.float64)
    matrix = similarity(points[: len(TARGET)])
    placed = four @ matrix[:, :2].T + matrix[:, 2]
    eyes = float(np.linalg.norm(TARGET[1] - TARGET[0]))
    return float(np.sqrt(((placed - TARGET) ** 2).sum(axis=1).mean()) / eyes)


def flaw_of(face: Face, quality: Quality, *, learning: bool = False) -> str | None:
    """Why this face is not good enough to be matched, or to be learnt from, None where it is."""
    least = _LEARNT_SHARPNESS if learning else _LEAST_SHARPNESS
    if face.width < LEAST_WIDTH_PX:
        return "face_too_small"
    if quality.turn > _MOST_TURN:
        return "face_turned"
    return "face_blurred" if quality.sharpness < least else None


def weight_of(face: Face, quality: Quality) -> float:
    """What a look counts beside others of the same face: large, sharp, frontal and surely a face."""
    large = min(1.0, face.width / 100)
    return face.score * large * min(1.0, quality.sharpness * 20) * (1 - quality.turn / 2)
