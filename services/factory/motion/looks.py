"""How people, vehicles and animals look at a phase of their gait; every one is drawn once from chance."""

from collections.abc import Callable
from math import pi, sin

import cv2
import numpy as np

from services.factory.motion.planes import Patch, Plane, Rng, chance, soft

Look = Callable[[float], Patch]
"""How a figure looks at a phase of its gait; 1 is a full step."""


class Canvas:
    """Luma and cover, painted with the same strokes; sizes are shares of `tall` px."""

    def __init__(self, tall: int, wide: int) -> None:
        self.tall = tall
        self.luma: Plane = np.zeros((tall, wide), np.float32)
        self.alpha: Plane = np.zeros((tall, wide), np.float32)
        self._middle = wide / 2

    def _at(self, x: float, y: float) -> tuple[int, int]:
        return round((self._middle + x * self.tall) * 8), round(y * self.tall * 8)

    def limb(self, points: list[tuple[float, float]], thick: float, level: float) -> None:
        line = [np.asarray([self._at(x, y) for x, y in points], np.int32)]
        for plane, value in ((self.luma, level), (self.alpha, 1.0)):
            cv2.polylines(plane, line, False, value, max(1, round(thick * self.tall)), cv2.LINE_8, 3)

    def shape(self, points: list[tuple[float, float]], level: float) -> None:
        outline = [np.asarray([self._at(x, y) for x, y in points], np.int32)]
        for plane, value in ((self.luma, level), (self.alpha, 1.0)):
            cv2.fillPoly(plane, outline, value, cv2.LINE_8, 3)

    def oval(self, x: float, y: float, rx: float, ry: float, level: float) -> None:
        axes = max(8, round(rx * self.tall * 8)), max(8, round(ry * self.tall * 8))
        for plane, value in ((self.luma, level), (self.alpha, 1.0)):
            cv2.ellipse(plane, self._at(x, y), axes, 0, 0, 360, value, -1, cv2.LINE_8, 3)

    def patch(self, texture: Plane) -> Patch:
        luma = self.luma + cv2.resize(texture, self.luma.shape[::-1])
        return Patch(np.asarray(luma, np.float32), np.asarray(cv2.GaussianBlur(self.alpha, (0, 0), 0.6), np.float32))


def person(rng: Rng, tall: int) -> Look:
    """Head, trunk, two arms and two legs with knees, clothed at random."""
    head, shirt, legs = (float(rng.uniform(15, 235)) for _ in range(3))
    broad, stride, lean = rng.uniform(0.1, 0.17), rng.uniform(0.04, 0.16), rng.normal(0, 0.03)
    texture = soft(rng, (32, 16), 6) * np.float32(rng.uniform(0, 18))
    bag = chance(rng, 0.25)

    def look(phase: float) -> Patch:
        canvas = Canvas(tall, max(4, round(0.7 * tall)))
        for side in (-1, 1):
            swing = side * stride * sin(2 * pi * phase)
            lift = 0.03 * max(0.0, side * sin(2 * pi * phase + 1))
            canvas.limb([(0.0, 0.5), (swing * 0.7, 0.74), (swing * 1.3, 0.98 - lift)], 0.09, legs)
        swing = stride * sin(2 * pi * phase)
        canvas.limb([(lean, 0.24), (-swing, 0.4), (-swing * 1.2, 0.55)], 0.06, shirt * 0.85)
        trunk = [(-broad + lean, 0.2), (broad + lean, 0.2), (broad * 0.8, 0.55), (-broad * 0.8, 0.55)]
        canvas.shape(trunk, shirt)
        canvas.limb([(lean, 0.24), (swing, 0.4), (swing * 1.2, 0.55)], 0.06, shirt * 1.1)
        if bag:
            canvas.oval(swing * 1.2, 0.62, 0.07, 0.09, head)
        canvas.oval(lean * 1.5, 0.1, 0.065, 0.085, head)
        return canvas.patch(texture)

    return look


def close_up(rng: Rng, tall: int) -> Look:
    """Head and shoulders near the lens; nods and speaks."""
    skin, hair, shirt = float(rng.uniform(60, 230)), float(rng.uniform(10, 150)), float(rng.uniform(20, 230))
    texture = soft(rng, (32, 32), 7) * np.float32(rng.uniform(0, 15))

    def look(phase: float) -> Patch:
        canvas = Canvas(tall, tall)
        nod, turn = 0.012 * sin(2 * pi * phase), 0.02 * sin(pi * phase)
        canvas.shape([(-0.48, 1.0), (-0.4, 0.78), (-0.12, 0.7), (0.12, 0.7), (0.4, 0.78), (0.48, 1.0)], shirt)
        canvas.oval(turn, 0.36 + nod, 0.26, 0.35, hair)
        canvas.oval(turn, 0.42 + nod, 0.22, 0.3, skin)
        for side in (-1, 1):
            canvas.oval(turn * 1.3 + side * 0.09, 0.36 + nod, 0.035, 0.02, skin * 0.4)
        canvas.oval(turn * 1.2, 0.57 + nod, 0.07, 0.01 + 0.02 * abs(sin(3 * phase)), skin * 0.5)
        return canvas.patch(texture)

    return look


def vehicle(rng: Rng, tall: int) -> Look:
    """A car or van from the side: body, cabin with windows, two wheels, perhaps a lamp."""
    body, glass, tyre = float(rng.uniform(20, 240)), float(rng.uniform(10, 120)), float(rng.uniform(5, 50))
    length, cabin = rng.uniform(1.6, 2.8), rng.uniform(0.3, 0.95)
    texture = soft(rng, (16, 32), 5) * np.float32(rng.uniform(0, 14))
    lamp = chance(rng, 0.3)

    def look(_phase: float) -> Patch:
        canvas, half = Canvas(tall, round(tall * length)), length / 2
        canvas.shape([(-half, 0.45), (half * 0.9, 0.42), (half, 0.85), (-half, 0.85)], body)
        canvas.shape(
            [(-half * cabin, 0.45), (-half * cabin * 0.7, 0.05), (half * cabin * 0.5, 0.05), (half * cabin, 0.45)],
            body * 0.9,
        )
        canvas.shape(
            [
                (-half * cabin * 0.8, 0.4),
                (-half * cabin * 0.6, 0.12),
                (half * cabin * 0.4, 0.12),
                (half * cabin * 0.8, 0.4),
            ],
            glass,
        )
        for side in (-0.62, 0.62):
            canvas.oval(side * half, 0.84, 0.15, 0.15, tyre)
        if lamp:
            canvas.oval(half * 0.93, 0.55, 0.08, 0.08, 254.0)
        return canvas.patch(texture)

    return look


def animal(rng: Rng, tall: int) -> Look:
    """A cat or dog from the side: trunk, head with ears, four legs, tail."""
    coat, paws = float(rng.uniform(10, 235)), float(rng.uniform(10, 235))
    length, leg, fat = rng.uniform(0.9, 1.4), rng.uniform(0.25, 0.5), rng.uniform(0.16, 0.28)
    texture = soft(rng, (24, 32), 8) * np.float32(rng.uniform(0, 20))
    tail = rng.uniform(-0.4, 0.3)

    def look(phase: float) -> Patch:
        canvas, half, back = Canvas(tall, round(tall * 2)), length / 2, 1 - leg - fat
        for number, x in enumerate((-half * 0.8, -half * 0.65, half * 0.6, half * 0.75)):
            swing = 0.09 * sin(2 * pi * (phase + number * 0.37))
            canvas.limb([(x, back + fat / 2), (x + swing, 0.98)], 0.08, coat * (0.8 if number % 2 else 1))
            canvas.oval(x + swing, 0.96, 0.05, 0.03, paws)
        canvas.limb([(-half, back), (-half - 0.2, back - 0.1), (-half - 0.3, back + tail)], 0.06, coat)
        canvas.oval(0, back, half, fat, coat)
        canvas.oval(half + 0.1, back - 0.18 + 0.02 * sin(4 * pi * phase), 0.17, 0.14, coat * 1.05)
        for ear in (0.02, 0.16):
            canvas.shape(
                [(half + ear - 0.05, back - 0.25), (half + ear, back - 0.42), (half + ear + 0.06, back - 0.25)],
                coat * 0.7,
            )
        return canvas.patch(texture)

    return look
