"""Open windows: found in light and solid houses without tuning, and not where there are none."""

import json
from dataclasses import replace

import pytest

from gateway.climate.sense.windows import Windows
from gateway.climate.words import Observed
from tests.unit.climate.sense.houses import DAY, LIGHT, MEDIUM, House, twice_a_day
from tests.unit.climate.sense.rooms import good, moment

LATE = 15
"""Minutes after a window closed in which it may still be found: the sensor is slow."""


def opened(
    house: House, days: float, airings: tuple[tuple[int, int], ...], windows: Windows | None = None
) -> list[bool]:
    """By the minute."""
    detector = windows or Windows()
    said: list[bool] = []

    def judge(observed: Observed, duty: float) -> bool:
        said.append(detector.step(observed, duty))
        return said[-1]

    house.live(days, judge, airings=airings)
    return said


@pytest.mark.parametrize("house", [LIGHT, MEDIUM], ids=["light", "medium"])
def test_finds_airings_and_little_else(house: House) -> None:
    airings = twice_a_day(10)
    said = opened(house, 10, airings)
    long = [(begin, lasts) for begin, lasts in airings if lasts >= 10 and begin > DAY]
    found = [
        said[begin : begin + lasts + LATE].index(True)
        for begin, lasts in long
        if any(said[begin : begin + lasts + LATE])
    ]
    excused = {minute for begin, lasts in airings for minute in range(begin, begin + lasts + LATE)}
    risen = [minute for minute in range(DAY, len(said)) if said[minute] and not said[minute - 1]]
    assert len(found) >= 0.95 * len(long)
    assert sorted(found)[len(found) // 2] <= 12
    assert len([minute for minute in risen if minute not in excused]) <= 1


def test_says_nothing_of_a_week_without_airings() -> None:
    assert sum(opened(MEDIUM, 7, ())) == 0


def test_a_steep_fall_counts_on_the_first_day() -> None:
    said = opened(LIGHT, 0.5, ((600, 30),))
    assert not any(said[:600])
    assert any(said[600:630])


def test_closes_when_the_room_warms_up_again() -> None:
    begin, lasts = 3 * DAY + 700, 20
    said = opened(LIGHT, 4, ((begin, lasts),))
    assert said[begin + lasts]
    assert not any(said[begin + lasts + 30 : begin + lasts + 120])


def test_gives_up_after_the_longest_pause() -> None:
    begin = 3 * DAY + 700
    said = opened(LIGHT, 4, ((begin, 300),), Windows(pause_s=1800.0))
    first = said.index(True, begin)
    assert said[first : first + 30] == [True] * 30
    assert not said[first + 31]


def test_a_contact_knows_better() -> None:
    windows = Windows()
    shut = Observed(now=moment(0), temp=good(20.0), window=False)
    assert not windows.step(shut, 0.0)
    assert windows.step(replace(shut, now=moment(10), window=True), 0.0)
    assert windows.certain
    for s in range(20, 3600, 10):
        cold = replace(shut, now=moment(s), temp=good(20.0 - s / 600))
        assert not windows.step(cold, 0.0)
    assert not windows.certain


def test_a_lost_sensor_opens_no_window() -> None:
    windows = Windows()
    for s in range(0, 7200, 60):
        gone = Observed(now=moment(s), temp=good(20.0 if s < 3600 else None))
        assert not windows.step(gone, 1.0)
    assert not windows.step(Observed(now=moment(7200), temp=good(12.0)), 1.0)


def test_what_was_learned_survives_a_restart_and_garbage_does_no_harm() -> None:
    before = Windows()
    opened(MEDIUM, 4, (), before)
    kept = json.loads(json.dumps(before.snapshot()))
    after = Windows()
    after.restore(kept, moment(0))
    begin = 700
    said = opened(replace(MEDIUM, seed=5), 1, ((begin, 30),), after)
    assert any(said[begin : begin + 30])
    for garbage in (
        {},
        {"10": 3},
        {"10": {"weights": [1, 2], "sigma": "x"}},
        {"10": {"weights": [None] * 15, "sigma": 1}},
    ):
        fresh = Windows()
        fresh.restore(garbage, moment(0))
        assert fresh.snapshot() == Windows().snapshot()


@pytest.mark.parametrize("tick_s", [1, 7, 60])
def test_any_tick_will_do(tick_s: int) -> None:
    """A fall of 6 K/h from one hour on, reported by the minute."""
    windows = Windows()
    opened_at = None
    for s in range(0, 2 * 3600, tick_s):
        temp = 20.0 - max(0, s - s % 60 - 3600) / 600
        if windows.step(Observed(now=moment(s), temp=good(temp, age_s=s % 60)), 0.0) and opened_at is None:
            opened_at = s
    assert opened_at == pytest.approx(3600 + 440, abs=80)
