"""What a camera gives: a picture, where to look in it, and what was seen."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gateway.types.stamp import Stamp


class Colour(Protocol):
    """Colour on demand: the whole frame is never converted."""

    def rgb(self, x0: int, y0: int, x1: int, y1: int) -> npt.NDArray[np.uint8]:
        """A fresh RGB uint8 `(y1-y0, x1-x0, 3)` copy of the given pixel rectangle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One decoded picture.

    `luma` is a uint8 `(H, W)` view, valid while this object lives: copy what must survive.
    A gap in `seq` means dropped frames. `stamp` is the arrival time, `pts_s` the source's own clock.
    `key` marks a key frame; `corrupt` is the decoder's word that the picture is damaged.
    """

    source: str
    seq: int
    stamp: Stamp
    luma: npt.NDArray[np.uint8]
    chroma: Colour
    pts_s: float | None = None
    key: bool = False
    corrupt: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in px."""
        return self.luma.shape[1], self.luma.shape[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in [0, 1] of the source frame, origin top-left."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def area(self) -> float:
        return max(0.0, self.x1 - self.x0) * max(0.0, self.y1 - self.y0)

    @property
    def foot(self) -> tuple[float, float]:
        """Middle of the lower edge: where a standing figure touches the ground."""
        return (self.x0 + self.x1) / 2, self.y1

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """x0, y0, x1, y1 in px, clipped to the frame."""
        return (
            max(0, round(self.x0 * width)),
            max(0, round(self.y0 * height)),
            min(width, round(self.x1 * width)),
            min(height, round(self.y1 * height)),
        )

    def iou(self, other: "Box") -> float:
        """Intersection over union, [0, 1]."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        if width <= 0 or height <= 0:
            return 0.0
        return width * height / (self.area + other.area - width * height)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRef:
    """Names a frame without holding its pixels."""

    source: str
    seq: int
    stamp: Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """What the motion detector says of one frame. `scene_changed` is a light or camera switch, not motion."""

    frame: FrameRef
    boxes: tuple[Box, ...] = ()
    scene_changed: bool = False
    warming_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A thing seen: `score` in [0, 1]; `model` is the model id; the frame is referred to, never held."""

    label: str
    score: float
    box: Box
    model: str
    frame: FrameRef
    track: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A frame together with its motion: what a camera source yields."""

    frame: Frame
    motion: Motion
