from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.climate.telling import Telling
from gateway.climate.words import Moment

START = datetime(2026, 1, 10, 4, 42, tzinfo=UTC)


def at(minute: int, *, clock: bool = True) -> Moment:
    return Moment(mono_s=60.0 * minute, wall=START + timedelta(minutes=minute) if clock else None)


def test_it_remembers_since_when() -> None:
    telling = Telling(ZoneInfo("Europe/Amsterdam"))
    assert telling.why("20.0 wanted", at(0), heating=True, cooling=False) == "heating since 05:42: 20.0 wanted"
    assert telling.why("21.0 wanted", at(9), heating=True, cooling=False) == "heating since 05:42: 21.0 wanted"
    assert telling.why("warm enough", at(20), heating=False, cooling=False) == "resting: warm enough"
    assert telling.why("26.0 measured", at(30), heating=False, cooling=True) == "cooling since 06:12: 26.0 measured"


def test_without_a_clock_no_time_is_made_up() -> None:
    telling = Telling(ZoneInfo("Europe/Amsterdam"))
    assert telling.why("20.0 wanted", at(0, clock=False), heating=True, cooling=False) == "heating: 20.0 wanted"
