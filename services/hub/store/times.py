"""Times as the tables keep them: POSIX ms, hours and days as POSIX s of their beginning, all UTC."""

from datetime import UTC, date, datetime, timedelta

HOUR_S = 3600
DAY_S = 86400

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ms(time: datetime) -> int:
    """Any aware time; exact to the ms, before 1970 too."""
    return (time - _EPOCH) // timedelta(milliseconds=1)


def ms_or_none(time: datetime | None) -> int | None:
    return None if time is None else ms(time)


def time_of(stamp: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=stamp)


def time_or_none(stamp: int | None) -> datetime | None:
    return None if stamp is None else time_of(stamp)


def seconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(seconds=1)


def hour_of(time: datetime) -> int:
    return seconds(time) // HOUR_S * HOUR_S


def day_of(time_s: int) -> int:
    return time_s // DAY_S * DAY_S


def first_of_day(day: date) -> int:
    return (day - _EPOCH.date()).days * DAY_S


def date_of(day_s: int) -> date:
    return _EPOCH.date() + timedelta(days=day_s // DAY_S)


def month_of(time: datetime) -> datetime:
    """When the month of `time` began."""
    return time.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_after(month: datetime) -> datetime:
    return month_of(month + timedelta(days=31))
