"""A room in Amsterdam with the usual week."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.climate.wish import Wishes
from gateway.climate.words import Moment, Wanted
from gateway.config.climate import Change, Room, Weekday

ZONE = ZoneInfo("Europe/Amsterdam")
WORK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
FREE: tuple[Weekday, ...] = ("sat", "sun")
SCHEDULE = (
    Change(at=time(6, 30), days=WORK, preset="comfort"),
    Change(at=time(8, 30), days=WORK, preset="sleep"),
    Change(at=time(16, 30), days=WORK, preset="comfort"),
    Change(at=time(22, 30), days=WORK, preset="sleep"),
    Change(at=time(7, 30), days=FREE, preset="comfort"),
    Change(at=time(23, 0), days=FREE, temp_c=17.5),
)
_BEGAN = datetime(2022, 1, 1, tzinfo=UTC)


def room(*schedule: Change) -> Room:
    return Room(name="living", sensor="thermometer", schedule=schedule)


def usual() -> Wishes:
    return Wishes(room(*SCHEDULE), ZONE)


def at(local: str, plus_s: float = 0.0) -> Moment:
    """A local time such as "2022-01-10 06:30" (the first where there are two), and some seconds."""
    wall = datetime.fromisoformat(local).replace(tzinfo=ZONE).astimezone(UTC) + timedelta(seconds=plus_s)
    return Moment(mono_s=(wall - _BEGAN).total_seconds(), wall=wall)


def blind(mono_s: float) -> Moment:
    return Moment(mono_s=mono_s, wall=None)


def wanted(wishes: Wishes, now: Moment, *, away: bool | None = None, window: bool = False) -> Wanted:
    return wishes.wanted(now, away=away, window_pause=window)
