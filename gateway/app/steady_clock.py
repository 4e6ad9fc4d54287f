"""Whether the wall clock can be believed: one that jumps is doubted until it has kept its new course for a while."""

from datetime import datetime

JUMP_S = 120.0
"""Corrections by NTP are smaller once a clock is set."""

DOUBT_S = 1800.0


class SteadyClock:
    """Feed it both clocks at every tick."""

    def __init__(self) -> None:
        self._course_s: float | None = None
        self._doubted_until_s = float("-inf")

    def believed(self, mono_s: float, wall: datetime) -> datetime | None:
        """`wall` (aware), or None for half an hour after it jumped by more than two minutes."""
        course_s = wall.timestamp() - mono_s
        if self._course_s is not None and abs(course_s - self._course_s) > JUMP_S:
            self._doubted_until_s = mono_s + DOUBT_S
        self._course_s = course_s
        return wall if mono_s >= self._doubted_until_s else None
