"""A face that belongs to nobody: drawn from a few numbers, yet found by a face detector."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
Point = tuple[int, int]

_UNIT_PX = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnFace:
    """RGB colours, and shifts in 1/120 of the face's width that make one drawn person unlike another."""

    skin: Colour = (224, 172, 140)
    hair: Colour = (60, 40, 30)
    lips: Colour = (170, 70, 70)
    eyes_apart: int = 24
    mouth_down: int = 46
    beard: bool = False


def draw_face(
    look: DrawnFace | None = None,
    *,
    size: tuple[int, int] = (300, 300),
    width_px: float = 120,
    centre: tuple[float, float] | None = None,
) -> Rgb:
    """RGB picture of `size` (width, height) with the face about `width_px` wide at `centre` (the middle)."""
    look = look or DrawnFace()
    cx, cy = centre or (size[0] / 2, size[1] / 2)
    picture = np.full((size[1], size[0], 3), (120, 130, 140), np.uint8)
    pen = _Pen(picture, cx, cy, width_px / _UNIT_PX)
    _head(pen, look)
    for side in (-1, 1):
        _eye(pen, look, side)
    _nose_and_mouth(pen, look)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.5 * pen.scale), np.uint8)


@dataclass(frozen=True, slots=True)
class _Pen:
    picture: Rgb
    x: float
    y: float
    scale: float

    def oval(self, at: Point, radii: Point, colour: Colour, arc: Point = (0, 360)) -> None:
        axes = (max(1, int(radii[0] * self.scale)), max(1, int(radii[1] * self.scale)))
        cv2.ellipse(self.picture, self.at(*at), axes, 0, *arc, colour, -1)

    def line(self, start: Point, end: Point, colour: Colour, thick: int) -> None:
        cv2.line(self.picture, self.at(*start), self.at(*end), colour, max(1, int(thick * self.scale)))

    def at(self, x: int, y: int) -> tuple[int, int]:
        return int(self.x + x * self.scale), int(self.y + y * self.scale)


def _head(pen: _Pen, look: DrawnFace) -> None:
    pen.oval((0, 150), (110, 90), (70, 70, 110))
    pen.oval((0, 75), (26, 30), _darker(look.skin, 0.85))
    pen.oval((0, -22), (66, 75), look.hair)
    pen.oval((0, 8), (56, 74), look.skin)
    if look.beard:
        pen.oval((0, 30), (52, 52), look.hair, (0, 180))
    pen.oval((0, -62), (54, 26), look.hair)


def _eye(pen: _Pen, look: DrawnFace, side: int) -> None:
    x = look.eyes_apart * side
    pen.oval((x, -10), (13, 7), (245, 245, 245))
    pen.oval((x, -10), (6, 6), (50, 35, 25))
    pen.oval((x, -27), (16, 4), look.hair, (180, 360))


def _nose_and_mouth(pen: _Pen, look: DrawnFace) -> None:
    pen.line((-3, -5), (-8, 20), _darker(look.skin, 0.8), 3)
    pen.oval((0, 22), (11, 6), _darker(look.skin, 0.7), (0, 180))
    pen.oval((0, look.mouth_down), (22, 7), look.lips)
    pen.line((-20, look.mouth_down), (20, look.mouth_down), _darker(look.lips, 0.6), 2)


def _darker(colour: Colour, factor: float) -> Colour:
    r, g, b = (int(value * factor) for value in colour)
    return r, g, b
