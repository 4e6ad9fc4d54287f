"""Scenes drawn with numpy alone: a textured room, figures that walk, stand and turn, weather and lamps.

A scene is a function of time, so that one scene can be watched at any frame rate. Luma in levels, sizes as shares
of the picture's height.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import exp, pi, sin

import cv2
import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]
Paint = Callable[[Plane, float], Plane]
"""Changes a picture as it is at a time in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a camera of `width` x `height` sees; `paints` are laid over the room in order, noise comes last."""

    paints: tuple[Paint, ...] = ()
    sigma: float = 2.5
    width: int = 640
    height: int = 360
    seed: int = 1

    def frames(self, fps: float, seconds: float) -> Iterator[tuple[float, Luma]]:
        """(time, picture) for each frame."""
        room, rng = _room(self.width, self.height, self.seed), np.random.default_rng(self.seed)
        bank = rng.standard_normal((8, self.height, self.width), dtype=np.float32)
        for number in range(round(fps * seconds)):
            plane = room.copy()
            for paint in self.paints:
                plane = paint(plane, number / fps)
            dy, dx = (int(n) for n in rng.integers(0, (self.height, self.width)))
            noise = np.roll(bank[int(rng.integers(8))], (dy, dx), axis=(0, 1))
            yield number / fps, np.clip(plane + self.sigma * noise + 0.5, 0, 255).astype(np.uint8)


def _room(width: int, height: int, seed: int) -> Plane:
    """A ground with a gradient, coarse and fine texture and some furniture."""
    rng = np.random.default_rng(seed)
    plane = (
        np.linspace(90, 140, width, dtype=np.float32)[None, :] + np.linspace(20, -20, height, dtype=np.float32)[:, None]
    )
    for cells, sigma in ((12, 12.0), (60, 8.0), (200, 5.0)):
        coarse = rng.standard_normal((max(2, cells * height // width), cells), dtype=np.float32)
        plane = plane + np.float32(sigma) * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(6):
        x, y = int(rng.integers(0, width * 3 // 4)), int(rng.integers(0, height * 3 // 4))
        cv2.rectangle(plane, (x, y), (x + width // 8, y + height // 6), float(rng.uniform(50, 190)), -1)
    return np.asarray(plane, np.float32)


def figure(
    place: Callable[[float], tuple[float, float] | None], *, size: float, level: float, alpha: float = 1.0
) -> Paint:
    """A person of `size` whose feet are at `place(t)`, (x, y) in [0, 1], None where absent: head, body and two legs
    that swing with the way walked."""

    def paint(plane: Plane, t_s: float) -> Plane:
        at = place(t_s)
        if at is None:
            return plane
        height, width = plane.shape
        tall, x, y = size * height, at[0] * width, at[1] * height
        layer = np.zeros((height, width), np.uint8)
        swing = 0.12 * tall * sin(at[0] * width / max(tall, 1) * 9)
        _blob(layer, x, y - 0.92 * tall, 0.07 * tall, 0.08 * tall)
        _blob(layer, x, y - 0.62 * tall, 0.13 * tall, 0.24 * tall)
        for side in (-1, 1):
            foot = (round(x + side * swing), round(y))
            cv2.line(layer, (round(x), round(y - 0.42 * tall)), foot, 255, max(1, round(0.09 * tall)))
        share = layer.astype(np.float32) * np.float32(alpha / 255)
        return np.asarray(plane * (1 - share) + np.float32(level) * share, np.float32)

    return paint


def _blob(layer: Luma, x: float, y: float, rx: float, ry: float) -> None:
    cv2.ellipse(layer, (round(x), round(y)), (max(1, round(rx)), max(1, round(ry))), 0, 0, 360, 255, -1)


def walk(
    start_s: float, seconds: float, *, y: float = 0.8, x0: float = -0.1, x1: float = 1.1
) -> Callable[[float], tuple[float, float] | None]:
    """From `x0` to `x1`, once."""

    def place(t_s: float) -> tuple[float, float] | None:
        share = (t_s - start_s) / seconds
        return (x0 + (x1 - x0) * share, y) if 0 <= share < 1 else None

    return place


def visit(arrive_s: float, leave_s: float, *, sway: float = 0.0) -> Callable[[float], tuple[float, float] | None]:
    """In from the left within two seconds, stands in the middle, leaves to the right within two seconds."""

    def place(t_s: float) -> tuple[float, float] | None:
        if t_s < arrive_s or t_s > leave_s + 2:
            return None
        if t_s < arrive_s + 2:
            return (-0.1 + 0.6 * (t_s - arrive_s) / 2, 0.85)
        if t_s < leave_s:
            return (0.5 + sway * sin(2 * pi * 0.4 * t_s), 0.85)
        return (0.5 + 0.6 * (t_s - leave_s) / 2, 0.85)

    return place


def car(arrive_s: float, leave_s: float) -> Paint:
    """Comes to a stop within two seconds, stands, drives on."""
    place = visit(arrive_s, leave_s)

    def paint(plane: Plane, t_s: float) -> Plane:
        at = place(t_s)
        if at is not None:
            height, width = plane.shape
            x, y = round(at[0] * width), round(at[1] * height)
            cv2.rectangle(plane, (x - width // 9, y - height // 6), (x + width // 9, y), 215.0, -1)
            cv2.rectangle(plane, (x - width // 16, y - height // 4), (x + width // 16, y - height // 6), 60.0, -1)
        return plane

    return paint


def cloud(start_s: float, *, depth: float = 0.35, edge_s: float = 5.0, cross_s: float = 15.0) -> Paint:
    """A soft-edged shadow crosses: each point takes `edge_s` into it and out of it."""

    def paint(plane: Plane, t_s: float) -> Plane:
        at_s = t_s - start_s - np.linspace(0, cross_s, plane.shape[1], dtype=np.float32)[None, :]
        shadow = np.clip(at_s / edge_s, 0, 1) - np.clip((at_s - edge_s - 4) / edge_s, 0, 1)
        return np.asarray(plane * (1 - np.float32(depth) * shadow), np.float32)

    return paint


def dim(start_s: float, stop_s: float, factor: float = 0.35) -> Paint:
    """The lights go off and on again."""
    return lambda plane, t_s: plane * np.float32(factor) if start_s <= t_s < stop_s else plane


def ramp(start_s: float, seconds: float, levels: float = 60.0) -> Paint:
    return lambda plane, t_s: plane + np.float32(levels * min(max((t_s - start_s) / seconds, 0.0), 1.0))


def rain(streaks: int = 40, seed: int = 5) -> Paint:
    """Thin bright streaks, new in every frame."""

    def paint(plane: Plane, t_s: float) -> Plane:
        rng = np.random.default_rng(seed + round(t_s * 1000))
        height, width = plane.shape
        layer = np.zeros_like(plane)
        for _ in range(streaks):
            x, y, length = (
                int(rng.integers(0, width)),
                int(rng.integers(0, height)),
                int(rng.integers(height // 30, height // 12)),
            )
            cv2.line(layer, (x, y), (x + length // 6, y + length), float(rng.uniform(30, 70)), 1)
        return plane + layer

    return paint


def leaves(
    area: tuple[float, float, float, float] = (0.6, 0.05, 0.95, 0.4),
    amplitude: float = 0.008,
    hz: float = 1.3,
    gust_s: float = -1.0,
) -> Paint:
    """A strongly textured patch that sways to and fro, each twig in its own time."""

    def paint(plane: Plane, t_s: float) -> Plane:
        height, width = plane.shape
        x0, y0, x1, y1 = (
            round(area[0] * width),
            round(area[1] * height),
            round(area[2] * width),
            round(area[3] * height),
        )
        rng = np.random.default_rng(11)
        for _ in range(120):
            x, y = rng.uniform(x0, x1), rng.uniform(y0, y1)
            phase, speed, level = rng.uniform(0, 2 * pi), hz * rng.uniform(0.6, 1.5), float(rng.uniform(60, 190))
            dx = amplitude * width * sin(2 * pi * speed * t_s + phase) * (t_s > gust_s)
            _ellipse(plane, x + dx, y + dx / 3, 0.012 * width, level)
        return plane

    return paint


def _ellipse(plane: Plane, x: float, y: float, radius: float, level: float) -> None:
    cv2.ellipse(
        plane,
        (round(x * 8), round(y * 8)),
        (round(radius * 8), round(radius * 4)),
        30,
        0,
        360,
        level,
        -1,
        cv2.LINE_8,
        3,
    )


def headlights(start_s: float, seconds: float = 2.5, gain: float = 0.9) -> Paint:
    """A soft cone of light sweeps over the room."""

    def paint(plane: Plane, t_s: float) -> Plane:
        share = (t_s - start_s) / seconds
        if not 0 <= share < 1:
            return plane
        x = np.linspace(0, 1, plane.shape[1], dtype=np.float32)[None, :] - np.float32(-0.2 + 1.4 * share)
        return np.asarray(plane * (1 + np.float32(gain) * np.exp(-((x / 0.12) ** 2))), np.float32)

    return paint


def head(start_s: float, *, size: float = 0.75, level: float = 170.0) -> Paint:
    """A face that fills the picture, talking: it nods, turns and moves its mouth without pause."""

    def paint(plane: Plane, t_s: float) -> Plane:
        if t_s < start_s:
            return plane
        height, width = plane.shape
        away = 0.5 * exp(-(t_s - start_s) * 1.5)
        x = width * (0.5 + away + 0.015 * sin(2.1 * t_s) + 0.01 * sin(5.3 * t_s))
        y, r = height * (0.5 + 0.012 * sin(3.1 * t_s)), size * height / 2
        _oval(plane, (x, y + 1.5 * r), (1.6 * r, 0.7 * r), 70.0)
        _oval(plane, (x, y), (0.75 * r, r), level)
        for side in (-1, 1):
            _oval(plane, (x + side * 0.3 * r, y - 0.2 * r), (0.12 * r, 0.06 * r), 40.0)
        _oval(plane, (x, y + 0.5 * r), (0.25 * r, r * (0.03 + 0.06 * abs(sin(7 * t_s)))), 60.0)
        return plane

    return paint


def _oval(plane: Plane, at: tuple[float, float], radii: tuple[float, float], level: float) -> None:
    centre, axes = (round(at[0] * 8), round(at[1] * 8)), (max(8, round(radii[0] * 8)), max(8, round(radii[1] * 8)))
    cv2.ellipse(plane, centre, axes, 0, 0, 360, level, -1, cv2.LINE_8, 3)


def dark(factor: float) -> Paint:
    """Night: everything before it is dimmed."""
    return lambda plane, _t_s: plane * np.float32(factor)
