"""Faces for tests without models: painted squares that scripted backends find and tell apart.

A face is a red square with some texture; its blue level says who it is.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from gateway.perception.align import CHIP_SIZE, TARGET
from gateway.perception.blazeface import FULL_RANGE, SHORT_RANGE, Face, Floats, Rgb, Variant
from gateway.perception.faces import FacePipeline
from gateway.seams import Shedding
from gateway.types import Box, Frame, FrameRef, Motion, Seen, Stamp
from gateway.wire.model_card import ModelCard

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
_BLUE_STEP = 50


def blank(width: int = 640, height: int = 480) -> Rgb:
    return np.full((height, width, 3), 128, np.uint8)


def paint(picture: Rgb, x: int, y: int, width: int, who: int = 0) -> Rgb:
    """A face with its middle at (x, y); `who` is 0..4."""
    half = width // 2
    square = np.zeros((2 * half, 2 * half, 3), np.uint8)
    square[..., 0], square[..., 2] = 255, who * _BLUE_STEP
    square[..., 1] = np.kron(np.indices((4, 4)).sum(axis=0) % 2, np.ones((half, half)))[: 2 * half, : 2 * half] * 70
    y0, x0, y1, x1 = max(0, y - half), max(0, x - half), y + half, x + half
    part = picture[y0:y1, x0:x1]
    part[:] = square[y0 - y + half : y0 - y + half + part.shape[0], x0 - x + half : x0 - x + half + part.shape[1]]
    return picture


class PaintedDetector:
    """Finds painted squares up to `most_share` of the side; answers like BlazeFace of that variant."""

    def __init__(self, variant: Variant, most_share: float = 1.0, logit: float = 4.0) -> None:
        self.calls = 0
        self.closed = False
        self.logit = logit
        self._variant = variant
        self._most = most_share * variant.size
        self._anchors = variant.anchors() * variant.size

    def load(self, card: ModelCard, file: Path) -> None:
        raise NotImplementedError

    def infer(self, inputs: Sequence[npt.NDArray[np.generic]]) -> tuple[npt.NDArray[np.generic], ...]:
        self.calls += 1
        values = np.zeros((1, len(self._anchors), 16), np.float32)
        logits = np.full((1, len(self._anchors), 1), -50, np.float32)
        for x, y, width in _squares(np.asarray(inputs[0][0], np.float32)):
            if width > self._most:
                continue
            at = int(np.argmin(((self._anchors - (x, y)) ** 2).sum(axis=1)))
            logits[0, at, 0] = self.logit
            values[0, at] = _values(x, y, width, self._anchors[at])
        return values, logits

    def close(self) -> None:
        self.closed = True


class PaintedEmbedder:
    """A vector by the blue level: cosine 0.8 between two people, 1 within one."""

    def __init__(self) -> None:
        self.calls = 0
        self.closed = False

    def load(self, card: ModelCard, file: Path) -> None:
        raise NotImplementedError

    def infer(self, inputs: Sequence[npt.NDArray[np.generic]]) -> tuple[npt.NDArray[np.generic], ...]:
        self.calls += 1
        chip = np.asarray(inputs[0], np.float32)
        assert chip.shape == (1, CHIP_SIZE, CHIP_SIZE, 3)
        return (vector_of(round(float(chip[0, 60:90, 60:90, 2].mean()) / _BLUE_STEP))[None] * np.float32(1.4),)

    def close(self) -> None:
        self.closed = True


def vector_of(who: int) -> Floats:
    vector = np.zeros(128, np.float32)
    vector[0], vector[1 + who] = 2, 1
    return vector / np.float32(5**0.5)


def pipeline(most_share: float = 1.0, shedding: Shedding = lambda: 0) -> FacePipeline:
    full, short = PaintedDetector(FULL_RANGE, most_share), PaintedDetector(SHORT_RANGE)
    return FacePipeline(full, short, PaintedEmbedder(), shedding=shedding)


def face(x: float, y: float, width: float, score: float = 0.9) -> Face:
    half = width / 2
    points = np.zeros((6, 2), np.float32)
    points[:4] = (TARGET - TARGET.mean(axis=0)) * (width / 83) + (x, y)
    return Face(np.array([x - half, y - half, x + half, y + half], np.float32), points, score)


def stamp(seconds: float) -> Stamp:
    return Stamp(wall=START + timedelta(seconds=seconds), mono_ns=int(seconds * 1e9) + 10**12, boot="test")


def seen(picture: Rgb, seconds: float = 0.0, *boxes: Box, source: str = "door") -> Seen:
    """A sighting of `picture` with motion in `boxes`."""
    at = stamp(seconds)
    luma = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    frame = Frame(source=source, seq=int(seconds * 15), stamp=at, luma=luma, chroma=Painted(picture))
    ref = FrameRef(source=source, seq=frame.seq, stamp=at)
    return Seen(frame=frame, motion=Motion(frame=ref, boxes=boxes))


class Painted:
    """Implements `Colour` and remembers what was asked for."""

    def __init__(self, picture: Rgb) -> None:
        self.asked: list[tuple[int, int, int, int]] = []
        self._picture = picture

    def rgb(self, x0: int, y0: int, x1: int, y1: int) -> Rgb:
        self.asked.append((x0, y0, x1, y1))
        return self._picture[y0:y1, x0:x1].copy()


def _squares(tensor: Floats) -> list[tuple[float, float, float]]:
    """Middle and width of every red square of a letterboxed input (H, W, 3) in [-1, 1]."""
    red = ((tensor[..., 0] > 0.7) & (tensor[..., 1] < -0.2)).astype(np.uint8)
    count, _, stats, centres = cv2.connectedComponentsWithStats(red)
    found = []
    for i in range(1, count):
        if stats[i, cv2.CC_STAT_AREA] >= 9:
            found.append((float(centres[i][0]) + 0.5, float(centres[i][1]) + 0.5, float(stats[i, cv2.CC_STAT_WIDTH])))
    return found


def _values(x: float, y: float, width: float, anchor: Floats) -> Floats:
    one = face(x - float(anchor[0]), y - float(anchor[1]), width)
    centre = [x - float(anchor[0]), y - float(anchor[1]), width, width]
    return np.concatenate([np.array(centre, np.float32), one.points.reshape(-1)])
