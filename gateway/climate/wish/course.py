"""A course of targets from now on: what comes when, and what follows from it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.climate.grid import QUARTER_S, QUARTERS
from gateway.climate.words import Preset

Point = tuple[float, float]
"""Seconds from now, and the target (degC) from then on. The first of a course is at 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    points: Sequence[Point]
    preset: Preset | None
    why: str


def resumed(points: Sequence[Point], after_s: float | None) -> list[Point]:
    """The part of a course from `after_s` on; nothing where that is not known."""
    if after_s is None:
        return []
    later = [point for point in points if point[0] > after_s]
    in_force = points[len(points) - len(later) - 1]
    return [(after_s, in_force[1]), *later] if math.isfinite(after_s) else []


def following(points: Sequence[Point]) -> Point | None:
    """The next point at which the target really changes."""
    return next((point for point in points if point[1] != points[0][1]), None)


def quarters(points: Sequence[Point]) -> tuple[float, ...]:
    """The target at 0, 15, 30 .. minutes from now, for a day (96,)."""
    ahead: tuple[float, ...] = ()
    for place, (_, target_c) in enumerate(points):
        ends_s = points[place + 1][0] if place + 1 < len(points) else math.inf
        end = QUARTERS if ends_s >= QUARTERS * QUARTER_S else math.ceil(ends_s / QUARTER_S)
        ahead += (target_c,) * (end - len(ahead))
        if len(ahead) >= QUARTERS:
            break
    return ahead
