"""What changes by the clock on the wall: wanted temperatures and prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 1440

_WEEKDAYS = (0, 1, 2, 3, 4)
_WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From `minute` of the local day on, on these days of the week (0 is Monday), `value` holds."""

    minute: int
    value: float
    days: tuple[int, ...] = (*_WEEKDAYS, *_WEEKEND)


SETBACK = (
    *(Change(minute=m, value=v, days=_WEEKDAYS) for m, v in ((390, 21.0), (510, 17.0), (990, 21.0), (1350, 17.0))),
    *(Change(minute=m, value=v, days=_WEEKEND) for m, v in ((450, 21.0), (1380, 17.0))),
)
"""21 C 06:30-08:30 and 16:30-22:30 on weekdays, 07:30-23:00 on weekends, else 17 C."""

FLAT = (Change(minute=0, value=0.30),)
TIME_OF_USE = tuple(
    Change(minute=m, value=v) for m, v in ((0, 0.18), (420, 0.28), (1020, 0.45), (1260, 0.28), (1380, 0.18))
)


def local_minutes(start_s: float, minutes: int, zone: ZoneInfo) -> Ints:
    """Minute of the local week (0 is Monday 00:00) of each minute from POSIX time `start_s` on (n,)."""
    found = np.empty(minutes, np.int64)
    for begin in range(0, minutes, 60):
        local = datetime.fromtimestamp(start_s + begin * 60, zone)
        first = local.weekday() * MINUTES_A_DAY + local.hour * 60 + local.minute
        found[begin : begin + 60] = first + np.arange(min(60, minutes - begin))
    return found % (7 * MINUTES_A_DAY)


def midnight(day: datetime, zone: ZoneInfo) -> float:
    """POSIX time of the first local midnight at or after `day`."""
    local = day.astimezone(zone)
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if begin < local:
        begin = (begin + timedelta(days=1)).replace(hour=0)
    return begin.timestamp()


def over_the_week(changes: Sequence[Change]) -> Floats:
    """The value of each minute of the week (10080,)."""
    points = sorted((day * MINUTES_A_DAY + change.minute, change.value) for change in changes for day in change.days)
    week = np.full(7 * MINUTES_A_DAY, points[-1][1])
    for minute, value in points:
        week[minute:] = value
    return week
