"""The planner drives the lab's house, whose physics are not computed as its model's are."""

import json
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from gateway.climate.model.gate import LATCH_S
from gateway.climate.plan import cheapest
from gateway.climate.plan.ahead import Ahead
from gateway.climate.plan.lack import Lack
from gateway.climate.plan.planner import Planner
from gateway.climate.words import Drive, Law, Measured, Mode, Moment
from gateway.config.climate import Room, Tariff
from tests.unit.climate.lab import ZONE, Lab, wanted_c
from tests.unit.climate.plan.rooms import learner, observed, step, wanted

ROOM = Room(name="living", sensor="thermometer", heater="boiler", power_w=7000.0)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that runs many tests at once may be late, which is not what is tested."""
    monkeypatch.setattr(cheapest, "LIMIT_S", 60.0)


def price_at(minute: int) -> float:
    hour = minute // 60 % 24
    return 0.18 if hour >= 23 or hour < 7 else 0.45 if 17 <= hour < 21 else 0.28


def prices(lab: Lab) -> tuple[float, ...]:
    return tuple(price_at(lab.minute + quarter * 15) for quarter in range(96))


class Run:
    """Days under the planner, in steps of five minutes."""

    def __init__(self, room: Room = ROOM, *, priced: bool = False) -> None:
        self.lab = Lab()
        self.known = learner(self.lab)
        self.planner = Planner(room, Tariff())
        self.priced = priced
        self.kwh = self.cost = self.short_kh = 0.0
        self.starts, self.on = 0, False
        self.drive: Drive | None = None

    def live(self, hours: float) -> "Run":
        for _ in range(round(hours * 12)):
            ahead = Ahead(price=prices(self.lab) if self.priced else ())
            self.drive = self.planner.step(observed(self.lab, heater_on=self.on), wanted(self.lab), self.known, ahead)
            assert self.drive is not None
            duty = self.drive.duty
            self.starts += duty > 0 and not self.on
            self.on = duty > 0
            self.kwh += duty * 7 / 12
            self.cost += duty * 7 / 12 * price_at(self.lab.minute)
            step(self.lab, self.known, duty)
            self.short_kh += max(wanted_c(self.lab.minute) - 0.5 - self.lab.air_c, 0) / 12
        return self


def test_the_room_is_warm_when_it_is_wanted_and_not_long_before() -> None:
    run = Run().live(24 + 4)
    assert run.lab.air_c < 18.5
    run.live(2.6)
    assert run.lab.air_c == pytest.approx(20.5, abs=0.5)


def test_comfort_is_kept_with_few_starts() -> None:
    run = Run().live(24)
    begun = run.short_kh, run.starts
    run.live(3 * 24)
    assert run.short_kh - begun[0] < 0.3
    assert run.starts - begun[1] < 3 * 24


def test_heat_is_bought_when_it_is_cheap() -> None:
    plain, priced = Run().live(4 * 24), Run(priced=True).live(4 * 24)
    assert priced.cost < 0.95 * plain.cost
    assert priced.kwh > plain.kwh
    assert priced.short_kh < 0.5


def test_a_valve_is_opened_as_far_as_it_takes() -> None:
    run = Run(ROOM.model_copy(update={"drive": "valve"})).live(48)
    begun = run.short_kh
    run.live(24 + 18)
    assert run.short_kh - begun < 0.3
    assert run.drive is not None
    assert 0.1 < run.drive.duty < 0.9
    assert run.lab.air_c == pytest.approx(20.5, abs=0.25)


def test_why_tells_what_is_wanted_when_and_how_long_it_takes() -> None:
    run = Run().live(24 + 5)
    while run.drive is None or not run.drive.duty:
        run.live(1 / 12)
    assert run.drive.law is Law.PLAN
    while run.lab.minute % 1440 < 390:
        assert run.drive.duty == 0 or run.drive.why.startswith("21.0 wanted in ")
        run.live(1 / 12)
    assert "the model says" in run.drive.why
    run.live(1 / 12)
    assert run.drive.why in {"21.0 wanted", "the model sees no need for heat yet"}


def test_who_turns_the_room_up_waits_for_no_row() -> None:
    run = Run().live(24 + 12)
    seen = observed(run.lab)
    before = run.planner.step(seen, wanted(run.lab), run.known, Ahead())
    turned_up = replace(wanted(run.lab), target_c=23.0, next_c=None, next_s=None, ahead=())
    after = run.planner.step(seen, turned_up, run.known, Ahead())
    assert before is not None
    assert after is not None
    assert (before.duty, after.duty, after.why) == (0.0, 1.0, "23.0 wanted")


def test_the_forecast_goes_where_the_room_then_goes() -> None:
    run = Run().live(24)
    forecast = run.planner.forecast
    assert forecast is not None
    assert len(forecast.temp_c) == len(forecast.duty) == len(forecast.spread_c) == 96
    run.live(6)
    assert run.lab.air_c == pytest.approx(forecast.temp_c[23], abs=0.4)


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.COOL])
def test_no_heat_is_planned_where_none_is_wanted(mode: Mode) -> None:
    run = Run()
    assert run.planner.step(observed(run.lab), wanted(run.lab, mode), run.known, Ahead()) is None


def test_nothing_is_planned_without_a_thermometer_or_trust() -> None:
    run = Run()
    blind = replace(observed(run.lab), temp=Measured())
    assert run.planner.step(blind, wanted(run.lab), run.known, Ahead()) is None
    run.known.fail("for the test", run.lab.now)
    assert run.planner.step(observed(run.lab), wanted(run.lab), run.known, Ahead()) is None


def test_a_plan_that_is_late_is_none_and_the_next_one_may_be_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run()
    ahead = Ahead(price=prices(run.lab))
    monkeypatch.setattr(cheapest, "LIMIT_S", 0.0)
    assert run.planner.step(observed(run.lab), wanted(run.lab), run.known, ahead) is None
    assert run.planner.forecast is None
    monkeypatch.setattr(cheapest, "LIMIT_S", 60.0)
    step(run.lab, run.known, 0.0)
    assert run.planner.step(observed(run.lab), wanted(run.lab), run.known, ahead) is not None


def test_a_decision_is_followed_for_half_an_hour_at_most() -> None:
    run = Run().live(1)
    seen = observed(run.lab)
    later = replace(seen, now=replace(seen.now, mono_s=seen.now.mono_s + 1700))
    stale = replace(seen, now=replace(seen.now, mono_s=seen.now.mono_s + 2200))
    first = run.planner.step(seen, wanted(run.lab), run.known, Ahead())
    assert first is not None
    assert run.planner.step(later, wanted(run.lab), run.known, Ahead()) is first
    assert run.planner.step(stale, wanted(run.lab), run.known, Ahead()) is None


def test_a_model_that_foresees_no_numbers_costs_the_trust_for_a_day() -> None:
    run = Run()
    assert run.known.observer is not None
    run.known.observer.state = np.array([20.0, np.nan, 20.0, 0.0])
    assert run.planner.step(observed(run.lab), wanted(run.lab), run.known, Ahead()) is None
    assert run.known.gate.latched_s(run.lab.now.mono_s) == LATCH_S


def test_prices_of_no_numbers_are_no_plan() -> None:
    run = Run()
    ahead = Ahead(price=(float("nan"),) * 96)
    assert run.planner.step(observed(run.lab), wanted(run.lab), run.known, ahead) is not None


def test_the_suns_surplus_is_used() -> None:
    """At noon the surplus covers all of the heater: the room is heated then, hours before it is wanted."""
    run, heated = Run(), []
    run.live(11)
    for _ in range(36):
        noon = tuple(8000.0 if 660 <= (run.lab.minute + 15 * q) % 1440 < 840 else 0.0 for q in range(96))
        drive = run.planner.step(observed(run.lab), wanted(run.lab), run.known, Ahead(solar_w=noon))
        assert drive is not None
        heated.append(drive.duty)
        step(run.lab, run.known, drive.duty)
    assert sum(heated) > 6


def test_the_margin_survives_a_restart() -> None:
    run, now = Run(), Moment(mono_s=0.0, wall=datetime(2026, 1, 5, tzinfo=ZONE))
    run.planner.margin.learn(Lack(under_c=0.4, hours=2.0))
    again = Planner(ROOM, Tariff())
    again.restore(json.loads(json.dumps(run.planner.snapshot())), now)
    assert again.margin.value_c == run.planner.margin.value_c > Planner(ROOM, Tariff()).margin.value_c


def test_a_room_that_is_aired_is_planned_for_and_aimed_higher() -> None:
    raised = []
    for window in (False, True):
        run = Run().live(24 + 18)
        run.lab.air_c -= 0.7
        for _ in range(6):
            seen = replace(observed(run.lab), window=window)
            run.drive = run.planner.step(seen, wanted(run.lab), run.known, Ahead())
            assert run.drive is not None
            duty = run.drive.duty
            step(run.lab, run.known, duty)
        assert duty == 1.0
        raised.append(run.planner.margin.value_c)
    assert raised[1] > raised[0]


def test_a_house_too_big_for_its_heater_is_heated_all_the_time_and_aimed_no_higher() -> None:
    run = Run()
    run.lab.outdoor_c = -25.0
    run.live(8)
    before = run.planner.margin.value_c
    run.live(12)
    assert run.short_kh > 0.3
    assert run.planner.margin.value_c <= before
