"""A heater that is dead, or stuck on, rings; airings, cold and setbacks do not."""

import json
from dataclasses import replace

import pytest

from gateway.climate.sense.heater_watch import HeaterWatch
from gateway.climate.sense.windows import Windows
from gateway.climate.words import Alarm, Observed
from tests.unit.climate.sense.houses import DAY, LIGHT, MEDIUM, House, twice_a_day
from tests.unit.climate.sense.rooms import good, moment


class Home:
    """Both senses over one house, as a room uses them."""

    def __init__(self, watch: HeaterWatch | None = None) -> None:
        self.windows = Windows()
        self.watch = watch or HeaterWatch()
        self.alarms: list[frozenset[Alarm]] = []
        self.duties: list[float] = []

    def judge(self, observed: Observed, duty: float) -> bool:
        is_open = self.windows.step(observed, duty)
        self.alarms.append(self.watch.step(observed, duty, airing=self.windows.certain))
        self.duties.append(duty)
        return is_open

    def minutes_to(self, alarm: Alarm, since: int) -> int | None:
        return next((n for n, rung in enumerate(self.alarms[since:]) if alarm in rung), None)


@pytest.mark.parametrize("house", [LIGHT, MEDIUM], ids=["light", "medium"])
def test_a_dead_heater_rings_within_the_hour(house: House) -> None:
    home = Home()
    dead = 6 * DAY + 400
    house.live(6.5, home.judge, dead=range(dead, 7 * DAY))
    demand = home.duties.index(1.0, dead)
    minutes = home.minutes_to(Alarm.HEATING_FAILURE, demand)
    assert minutes is not None
    assert minutes <= 60
    assert not any(home.alarms[:dead])


def test_a_heater_that_died_hours_ago_rings_within_the_hour_of_its_first_use() -> None:
    """Its emitter is cold by then, and a window that was opened meanwhile is no excuse."""
    home = Home()
    dead = 6 * DAY + 1355
    LIGHT.live(7.5, home.judge, dead=range(dead, 8 * DAY), airings=((dead + 60, 10),))
    minutes = home.minutes_to(Alarm.HEATING_FAILURE, home.duties.index(1.0, dead))
    assert minutes is not None
    assert minutes <= 60


@pytest.mark.parametrize("house", [LIGHT, MEDIUM], ids=["light", "medium"])
def test_a_relay_stuck_on_rings_within_the_hour(house: House) -> None:
    home = Home()
    stuck = 6 * DAY + 780
    house.live(7, home.judge, stuck=range(stuck, 7 * DAY))
    unwanted = home.duties.index(0.0, stuck)
    minutes = home.minutes_to(Alarm.RELAY_STUCK_ON, unwanted)
    assert minutes is not None
    assert minutes <= 60
    assert not any(home.alarms[:stuck])


@pytest.mark.parametrize("house", [LIGHT, MEDIUM], ids=["light", "medium"])
def test_airings_and_setbacks_do_not_ring(house: House) -> None:
    home = Home()
    house.live(12, home.judge, airings=twice_a_day(12))
    assert not any(home.alarms)


def test_a_meter_that_shows_no_power_clears_the_relay() -> None:
    """Whatever warms the room, it is not this heater."""
    home = Home()
    stuck = range(6 * DAY + 780, 7 * DAY)
    MEDIUM.live(7, lambda observed, duty: home.judge(replace(observed, power_w=good(0.0)), duty), stuck=stuck)
    assert not any(Alarm.RELAY_STUCK_ON in alarms for alarms in home.alarms)


def test_a_heater_that_is_too_small_does_not_ring() -> None:
    """It runs without a pause and the room gets no warmer: so it was foretold."""
    home = Home()
    House(power=3.0).live(10, home.judge)
    assert sum(home.duties) > 0.6 * len(home.duties)
    assert not any(home.alarms)


def test_a_repaired_heater_falls_silent() -> None:
    home = Home()
    broken = range(6 * DAY + 400, 6 * DAY + 700)
    MEDIUM.live(7, home.judge, dead=broken)
    assert Alarm.HEATING_FAILURE in home.alarms[broken[-1]]
    assert not any(home.alarms[broken[-1] + 120 :])


def test_what_was_learned_survives_a_restart_and_garbage_does_no_harm() -> None:
    before = Home()
    MEDIUM.live(4, before.judge)
    after = HeaterWatch()
    after.restore(json.loads(json.dumps(before.watch.snapshot())), moment(0))
    home = Home(after)
    MEDIUM.live(0.9, home.judge, dead=range(500, DAY))
    assert Alarm.HEATING_FAILURE in home.alarms[-1]
    for garbage in ({}, {"model": 1}, {"model": {"weights": "x"}, "wall": "warm"}):
        fresh = HeaterWatch()
        fresh.restore(garbage, moment(0))
        assert fresh.step(Observed(now=moment(0), temp=good(20.0)), 0.0, airing=False) == frozenset()
