"""A home's rooms from reading to order, in a winter that is lived through in seconds."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gateway.climate.history import Rows
from gateway.climate.home import Home, Tick
from gateway.climate.words import Alarm, Ask, Drive, Law, Moment, Preset
from gateway.config.climate import Climate
from gateway.types import UNITS, Quantity, Reading, Stamp

ZONE = ZoneInfo("Europe/Amsterdam")
MIDNIGHT = datetime(2022, 1, 9, 23, 0, tzinfo=UTC)
"""A Monday begins in the Netherlands."""

DAY_MIN = 1440
WEEK = [{"at": "06:30", "temp_c": 21}, {"at": "22:30", "temp_c": 17}]


class Cottage:
    """Air, walls and a radiator (kWh/K, K/kW, kW), and the thermometer that its gateway hears every five minutes."""

    def __init__(self, *, outdoor_c: float = 3.0, learning: Executor | None = None, **climate: Any) -> None:
        room = {"name": "living", "sensor": "thermometer", "heater": "radiator", "schedule": WEEK}
        room.update(climate.pop("room", {}))
        given = Climate.model_validate({"outdoor": "garden", "rooms": [room], **climate})
        self.home = Home(given, ZONE, learning=learning)
        self.minute = 0
        self.air_c, self.walls_c, self.radiator_c = 20.0, 17.5, 21.5
        self.outdoor_c = outdoor_c
        self.level = 0.0
        self.window = False
        self.link_up = True
        self.orders: list[tuple[int, str, float]] = []
        self._noise = np.random.default_rng(1)

    @property
    def now(self) -> Moment:
        wall = MIDNIGHT + timedelta(minutes=self.minute)
        return Moment(mono_s=1000.0 + self.minute * 60.0, wall=wall)

    def say(self, device: str, quantity: Quantity, value: float) -> None:
        now = self.now
        assert now.wall is not None
        stamp = Stamp(wall=now.wall, mono_ns=int(now.mono_s * 1e9))
        self.home.hear(Reading(device=device, quantity=quantity, value=value, unit=UNITS[quantity], stamp=stamp), now)

    def live(self, minutes: int) -> Iterator[Tick]:
        for _ in range(minutes):
            if self.minute % 5 == 0:
                noisy = self.air_c + self._noise.normal(0.0, 0.04)
                self.say("thermometer", Quantity.TEMPERATURE, round(noisy, 1))
                self.say("garden", Quantity.TEMPERATURE, self.outdoor_c)
            ticked = self.home.tick(self.now, link_up=self.link_up)
            for order in ticked.orders:
                level = float(order.on) if order.on is not None else (order.level_pct or 0.0) / 100.0
                self.orders.append((self.minute, order.target, level))
                if order.target == "radiator":
                    self.level = level
            self._pass_minute()
            yield ticked

    def last(self, minutes: int) -> Tick:
        *_, ticked = self.live(minutes)
        return ticked

    def _pass_minute(self) -> None:
        self.minute += 1
        leak = 12.0 / (16.0 if self.window else 1.0)
        air, walls, radiator, outside = self.air_c, self.walls_c, self.radiator_c, self.outdoor_c
        self.air_c += ((walls - air) / 1.0 + (outside - air) / leak + (radiator - air) / 3.0) / 1.2 / 60
        self.walls_c += ((air - walls) / 1.0 + (outside - walls) / 6.0) / 4.0 / 60
        self.radiator_c += ((air - radiator) / 3.0 + self.level * 8.0) / 0.06 / 60


def test_a_room_is_warm_when_it_is_wanted_from_the_first_day_on_and_cooler_at_night_once_it_is_known() -> None:
    cottage = Cottage()
    assert cottage.last(2 * 60).statuses["living"].wanted.target_c == 17.0
    cottage.last(5 * 60)
    assert cottage.air_c > 20.3
    for _ in cottage.live(14 * 60):
        assert 20.2 < cottage.air_c < 22.5
    night = cottage.last(5 * 60)
    assert night.statuses["living"].wanted.target_c == 17.0
    assert cottage.air_c < 19.2


def test_the_morning_is_explained() -> None:
    cottage = Cottage()
    said = {tick.statuses["living"].why for tick in cottage.live(DAY_MIN + 6 * 60 + 29)}
    assert any(why.startswith("heating since 0") and "21.0 wanted at 06:30, model says" in why for why in said)


def planned(cottage: Cottage, days: int) -> Tick:
    """Wait until the room is heated by its model."""
    for tick in cottage.live(days * DAY_MIN):
        if tick.statuses["living"].drive.law is Law.PLAN and tick.statuses["living"].heating:
            return tick
    raise AssertionError("never planned")


def test_a_model_that_has_earned_it_drives_and_one_that_goes_astray_loses_the_room_in_the_same_tick() -> None:
    cottage = Cottage()
    planned(cottage, 6)
    room = cottage.home.rooms["living"]
    assert room.forecast is not None
    assert len(room.forecast.temp_c) == len(room.forecast.spread_c) > 24
    observer = room.insight.learner.observer
    assert observer is not None
    observer.state[:] = np.nan
    laws = [tick.statuses["living"].drive.law for tick in cottage.live(DAY_MIN)]
    lost = laws.index(Law.CLASSIC)
    assert lost <= 6
    assert set(laws[lost:]) == {Law.CLASSIC}
    assert 16.5 < cottage.air_c < 22.5


def test_classic_is_classic_however_good_the_model_gets() -> None:
    cottage = Cottage(control="classic")
    assert {tick.statuses["living"].drive.law for tick in cottage.live(4 * DAY_MIN)} == {Law.CLASSIC}


def test_an_open_window_pauses_the_heat_and_only_for_so_long() -> None:
    cottage = Cottage(room={"windows": ["window"]}, pause_s=1800)
    cottage.last(12 * 60)
    cottage.window = True
    cottage.say("window", Quantity.CONTACT, 1.0)
    open_for = list(cottage.live(60))
    assert all(tick.statuses["living"].window_open for tick in open_for)
    assert not any(tick.statuses["living"].heating for tick in open_for[6:29])
    assert open_for[-1].statuses["living"].heating
    assert Alarm.WINDOW_OPEN in open_for[-1].statuses["living"].alarms


def test_a_window_that_is_only_inferred_is_told_and_costs_nobody_the_heat() -> None:
    cottage = Cottage()
    planned(cottage, 6)
    cottage.last((11 * 60 - cottage.minute) % DAY_MIN)
    cottage.window = True
    aired = [tick.statuses["living"] for tick in cottage.live(40)]
    inferred = [status for status in aired if status.window_open]
    assert inferred
    assert all(status.wanted.target_c == 21.0 and status.drive.law is Law.PLAN for status in inferred)
    assert inferred[-1].heating
    assert cottage.home.rooms["living"].diary.history.last(8)["window"].any()


def test_what_a_person_asks_counts_and_nonsense_is_refused_and_told() -> None:
    cottage = Cottage()
    cottage.last(10)
    assert cottage.home.ask(Ask(room="living", preset=Preset.BOOST), cottage.now) is None
    assert cottage.last(1).statuses["living"].wanted.target_c == 22.0
    assert cottage.home.ask(Ask(room="living", target_c=85.0), cottage.now) is Alarm.SETPOINT_REJECTED
    assert cottage.home.ask(Ask(room="cellar", target_c=20.0), cottage.now) is Alarm.SETPOINT_REJECTED
    after = cottage.last(1).statuses["living"]
    assert Alarm.SETPOINT_REJECTED in after.alarms
    assert after.wanted.target_c == 22.0


def test_nothing_is_ordered_while_nobody_can_hear_it() -> None:
    cottage = Cottage()
    cottage.last(7 * 60)
    cottage.link_up = False
    assert not any(tick.orders for tick in cottage.live(60))
    cottage.link_up = True
    assert any(tick.orders for tick in cottage.live(20))


def test_the_boiler_fires_after_the_valves_and_its_orders_are_leased() -> None:
    cottage = Cottage(room={"drive": "valve"}, boiler={"device": "boiler", "valve_s": 300})
    first: dict[str, int] = {}
    for tick in cottage.live(8 * 60):
        for order in tick.orders:
            assert 0 < order.lease_s <= 900
            if order.on or order.level_pct:
                first.setdefault(order.target, cottage.minute)
    assert first["boiler"] - first["radiator"] >= 5


def test_hourly_prices_and_weather_are_heard() -> None:
    cottage = Cottage()
    begin = MIDNIGHT.timestamp()
    cottage.home.hear_prices(tuple((begin + 3600 * hour, 0.1 + hour / 100) for hour in range(48)))
    cottage.home.hear_weather(tuple((begin + 3600 * hour, -5.0) for hour in range(48)))
    assert cottage.last(61).statuses["living"].price == pytest.approx(0.11)


def test_a_restart_forgets_neither_what_was_asked_nor_what_was_learned() -> None:
    cottage = Cottage()
    planned(cottage, 6)
    cottage.home.ask(Ask(room="living", target_c=19.5, for_s=7200), cottage.now)
    cottage.last(1)
    kept = json.loads(json.dumps(cottage.home.snapshot(cottage.now)))
    rows = {"living": cottage.home.rooms["living"].diary.history.last()}
    reborn = Cottage()
    reborn.minute, reborn.air_c, reborn.walls_c = cottage.minute + 1, cottage.air_c, cottage.walls_c
    reborn.home.restore(kept, reborn.now, rows)
    status = reborn.last(10).statuses["living"]
    assert status.wanted.target_c == 19.5
    assert reborn.home.rooms["living"].insight.learner.trusted(reborn.now)
    assert status.minutes_per_degree == cottage.last(1).statuses["living"].minutes_per_degree


NONSENSE: list[Callable[[], Any]] = [
    dict,
    lambda: {"rooms": 3, "boiler": []},
    lambda: {"rooms": {"living": "x"}},
    lambda: {"rooms": {"living": dict.fromkeys(("intake", "wishes", "classic", "pulse", "insight"), float("nan"))}},
    lambda: {
        "rooms": {
            "living": {"insight": {"learner": {"model": {"parameters": [1e308] * 8}}}, "supervisor": {"hours": [0]}}
        }
    },
]


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_a_damaged_memory_is_as_good_as_none(nonsense: Callable[[], Any]) -> None:
    cottage = Cottage()
    cottage.home.restore(nonsense(), cottage.now, {"living": Rows(columns={"time_s": np.array([])})})
    cottage.last(8 * 60)
    assert cottage.air_c > 20.3


def test_a_plan_that_is_no_number_costs_the_model_its_trust_and_no_heat() -> None:
    cottage = Cottage()
    planned(cottage, 6)
    room = cottage.home.rooms["living"]
    broken = Drive(duty=float("nan"), law=Law.PLAN, why="")
    room.insight.planner.step = lambda *_: broken  # type: ignore[method-assign]
    assert cottage.last(1).statuses["living"].drive.law is Law.CLASSIC
    assert not room.insight.learner.trusted(cottage.now)


def test_what_happens_unseen_while_nobody_is_reached_is_not_learned_from() -> None:
    cottage = Cottage()
    cottage.last(8 * 60)
    cottage.link_up = False
    cottage.level = 0.0
    lost = list(cottage.live(120))
    assert not any(tick.statuses["living"].window_open for tick in lost)
    assert all(row["fault"] for tick in lost[10:] for row in tick.rows.values())
    assert Alarm.LINK_LOST not in lost[0].statuses["living"].alarms
    assert Alarm.LINK_LOST in lost[2].statuses["living"].alarms


def learned(cottage: Cottage) -> bool:
    return cottage.home.rooms["living"].insight.learner.observer is not None


class Elsewhere(Executor):
    """Where lessons take as long as the test likes."""

    def __init__(self) -> None:
        self.lessons: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.lessons.append((future, partial(fn, *args, **kwargs)))
        return future


def test_a_room_is_heated_on_while_its_model_is_learned_elsewhere() -> None:
    elsewhere = Elsewhere()
    cottage = Cottage(learning=elsewhere)
    learner = cottage.home.rooms["living"].insight.learner
    cottage.last(4 * DAY_MIN)
    ((future, lesson),) = elsewhere.lessons
    assert not learned(cottage)
    future.set_result(lesson())
    cottage.last(10)
    assert learned(cottage)
    cottage.last(DAY_MIN)
    elsewhere.lessons[-1][0].set_exception(np.linalg.LinAlgError("singular"))
    cottage.last(10)
    assert learned(cottage)
    assert not learner.trusted(cottage.now)
