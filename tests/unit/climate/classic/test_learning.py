"""What plain control learns of a room, and what it does with doubtful examples."""

import json
import math

import pytest

from gateway.climate.classic.cooldown import CoolDown
from gateway.climate.classic.heatup import HeatUp
from gateway.climate.classic.line import Line
from gateway.climate.classic.losses import Losses
from gateway.climate.classic.trend import Trend
from gateway.climate.words import Moment

NOW = Moment(mono_s=0.0, wall=None)


def warmed(heat_up: HeatUp, began_s: float, minutes: float, *, rise: float = 3.0, outdoor_c: float = 5.0) -> float:
    """A heat-up by `rise` in so many minutes, seen once a minute; the time after it."""
    for minute in range(round(minutes) + 1):
        temp_c = 21.0 - rise * (1 - minute / minutes)
        heat_up.watch(temp_c, 21.0, outdoor_c, began_s + 60.0 * minute, full=True)
    return began_s + 60.0 * minutes + 60.0


def test_minutes_per_degree_follow_the_room() -> None:
    heat_up, at_s = HeatUp("radiator"), 0.0
    assumed, doubt = heat_up.needs(18.0, 21.0, 5.0)
    for _ in range(6):
        at_s = warmed(heat_up, at_s, 40.0)
    learned, known = heat_up.needs(18.0, 21.0, 5.0)
    assert assumed > 80
    assert learned == pytest.approx(40.0, abs=3.0)
    assert known < doubt / 3
    assert heat_up.per_degree(21.0, 5.0) < 14


def test_cold_days_are_told_from_mild_ones() -> None:
    heat_up, at_s = HeatUp("radiator"), 0.0
    for _ in range(8):
        at_s = warmed(heat_up, at_s, 120.0, outdoor_c=-8.0)
        at_s = warmed(heat_up, at_s, 60.0, outdoor_c=12.0)
    assert heat_up.needs(18.0, 21.0, -8.0)[0] == pytest.approx(120.0, abs=10.0)
    assert heat_up.needs(18.0, 21.0, 12.0)[0] == pytest.approx(60.0, abs=10.0)
    assert 70 < heat_up.needs(18.0, 21.0, 2.0)[0] < 110


def test_one_strange_heat_up_does_not_spoil_the_rest() -> None:
    heat_up, at_s = HeatUp("radiator"), 0.0
    for _ in range(10):
        at_s = warmed(heat_up, at_s, 60.0)
    at_s = warmed(heat_up, at_s, 600.0)
    assert heat_up.needs(18.0, 21.0, 5.0)[0] < 90.0
    assert heat_up.needs(18.0, 21.0, 5.0)[1] > 5.0


def test_what_was_soon_broken_off_teaches_nothing() -> None:
    heat_up = HeatUp("radiator")
    heat_up.watch(18.0, 21.0, 5.0, 0.0, full=True)
    heat_up.watch(18.5, 21.0, 5.0, 1200.0, full=True)
    heat_up.watch(18.5, 21.0, 5.0, 3100.0, full=False)
    heat_up.watch(21.0, 21.0, 5.0, 9000.0, full=False)
    heat_up.watch(18.0, 21.0, 5.0, 9060.0, full=True)
    heat_up.give_up()
    heat_up.watch(21.0, 21.0, 5.0, 9120.0, full=True)
    assert not heat_up.learned


@pytest.mark.parametrize("rise", [0.4, 2.0])
def test_what_a_weak_heater_did_reach_tells_of_the_rest(rise: float) -> None:
    heat_up, at_s = HeatUp("radiator"), 0.0
    assumed, _ = heat_up.needs(18.0, 21.0, 5.0)
    for _ in range(4):
        for minute in range(201):
            heat_up.watch(18.0 + rise * minute / 200, 21.0, 5.0, at_s + minute * 60.0, full=True)
        heat_up.watch(18.0 + rise, 21.0, 5.0, at_s + 14000.0, full=False)
        at_s += 20000.0
    assert heat_up.needs(18.0, 21.0, 5.0)[0] > 2 * assumed


def test_a_short_rise_teaches_nothing() -> None:
    heat_up = HeatUp("radiator")
    warmed(heat_up, 0.0, 30.0, rise=0.5)
    assert not heat_up.learned


def test_a_room_that_is_warm_needs_no_time() -> None:
    assert HeatUp("floor").needs(21.0, 20.7, 5.0) == (0.0, 0.0)


def test_no_rise_is_faster_than_a_minute_a_degree_nor_slower_than_half_a_day() -> None:
    heat_up = HeatUp("radiator")
    assert heat_up.needs(5.0, 6.0, 50.0)[0] >= 1.0
    assert heat_up.needs(-20.0, 30.0, -30.0)[0] == 720.0


def test_what_was_kept_is_of_then_whatever_is_learned_later() -> None:
    line = Line([1.0, 2.0], [1.0, 1.0], 0.1)
    kept = line.snapshot()
    text = json.dumps(kept)
    line.learn([1.0, 3.0], 9.0)
    assert json.dumps(kept) == text
    assert json.dumps(line.snapshot()) != text


def test_learning_survives_a_restart() -> None:
    heat_up, fresh = HeatUp("radiator"), HeatUp("radiator")
    for number in range(3):
        warmed(heat_up, number * 9000.0, 45.0)
    fresh.restore(json.loads(json.dumps(heat_up.snapshot())))
    assert fresh.needs(17.0, 21.0, 0.0) == heat_up.needs(17.0, 21.0, 0.0)
    assert fresh.learned


@pytest.mark.parametrize(
    "change",
    [
        {"weights": [1.0]},
        {"weights": None},
        {"weights": [1.0, math.nan, 1.0]},
        {"cov": [[1.0, 0.0], [0.0, 1.0]]},
        {"cov": "garbage"},
        {"cov": [[-1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]]},
        {"noise2": 0.0},
        {"count": "many"},
    ],
)
def test_damaged_learning_is_left_out(change: dict[str, object]) -> None:
    heat_up, fresh = HeatUp("radiator"), HeatUp("radiator")
    warmed(heat_up, 0.0, 45.0)
    fresh.restore(heat_up.snapshot() | change)
    assert fresh.needs(17.0, 21.0, 0.0) == HeatUp("radiator").needs(17.0, 21.0, 0.0)
    assert not fresh.learned


def test_a_line_is_found_and_followed_when_it_moves() -> None:
    line = Line((0.0, 0.0), (10.0, 10.0), noise=1.0)
    for step in range(40):
        line.learn((1.0, step % 5), 3.0 + 2.0 * (step % 5))
    assert line.mean((1.0, 10.0)) == pytest.approx(23.0, abs=0.1)
    for step in range(40):
        line.learn((1.0, step % 5), 5.0 + 2.0 * (step % 5))
    assert line.mean((1.0, 10.0)) == pytest.approx(25.0, abs=0.3)


def cooled(cool_down: CoolDown, began_s: float, rate: float, minutes: int, outdoor_c: float = 1.0) -> float:
    """Without heat from 21 degC on, at so many K/h; the time after it."""
    cool_down.watch(21.0, outdoor_c, began_s, off=False)
    for minute in range(minutes + 1):
        cool_down.watch(21.0 - rate * minute / 60.0, outdoor_c, began_s + 60.0 * (minute + 1), off=True)
    return began_s + 60.0 * (minutes + 2)


def lasting(cool_down: CoolDown, at_s: float, temp_c: float = 21.0, outdoor_c: float = 1.0) -> float:
    cool_down.watch(temp_c, outdoor_c, at_s, off=False)
    return cool_down.lasts(temp_c, 20.5, outdoor_c, at_s)


def test_cooling_is_learned() -> None:
    cool_down, at_s = CoolDown("radiator"), 0.0
    assert lasting(cool_down, at_s) < 30
    for _ in range(20):
        at_s = cooled(cool_down, at_s, 0.5, 90)
    assert lasting(cool_down, at_s) == pytest.approx(60.0, abs=5.0)
    assert lasting(cool_down, at_s, outdoor_c=11.0) > 70


def test_one_fast_cooling_counts_more_than_one_slow() -> None:
    cool_down, at_s = CoolDown("radiator"), 0.0
    for _ in range(10):
        at_s = cooled(cool_down, at_s, 0.5, 60)
        at_s = cooled(cool_down, at_s, 1.5, 60)
    assert 20 < lasting(cool_down, at_s) < 30


def test_an_emitter_that_has_long_been_off_gives_nothing_more() -> None:
    cool_down = CoolDown("floor")
    cool_down.watch(21.0, 1.0, 0.0, off=True)
    fresh = cool_down.lasts(21.0, 20.5, 1.0, 0.0)
    assert cool_down.lasts(21.0, 20.5, 1.0, 3600.0) < fresh
    assert fresh > 60


def test_what_was_learned_of_cooling_survives_and_garbage_does_not_hurt() -> None:
    cool_down, fresh = CoolDown("radiator"), CoolDown("radiator")
    at_s = cooled(cool_down, 0.0, 0.1, 130)
    fresh.restore(json.loads(json.dumps(cool_down.snapshot())) | {"240": "garbage"})
    assert lasting(fresh, at_s) == lasting(cool_down, at_s)


def test_losses_are_the_heat_that_was_needed() -> None:
    losses = Losses(None)
    for _ in range(10 * 24):
        losses.watch(0.4, 20.0, 3600.0)
    assert losses.per_k == pytest.approx(0.02, rel=0.02)
    assert losses.duty(21.0, 1.0) == pytest.approx(0.4, rel=0.02)
    assert (losses.duty(21.0, 30.0), losses.duty(21.0, -60.0)) == (0.0, 1.0)


def test_losses_that_are_configured_stay() -> None:
    losses = Losses(0.03)
    losses.watch(1.0, 20.0, 86400.0)
    assert losses.per_k == 0.03


def test_losses_learn_nothing_from_mild_days_and_survive() -> None:
    losses, fresh = Losses(None), Losses(None)
    losses.watch(0.0, 2.0, 864000.0)
    assert losses.per_k == Losses(None).per_k
    losses.watch(0.9, 20.0, 86400.0)
    fresh.restore(json.loads(json.dumps(losses.snapshot())))
    assert fresh.per_k == losses.per_k
    fresh.restore({"duty": 3.0, "above_k": 1.0})
    assert fresh.per_k == losses.per_k


@pytest.mark.parametrize("tick_s", [1.0, 20.0, 60.0])
def test_a_ramp_has_its_slope(tick_s: float) -> None:
    trend, slope = Trend(), 0.0
    for tick in range(round(10800 / tick_s)):
        slope = trend.step(20.0 + 2.0 * tick * tick_s / 3600.0, tick_s)
    assert slope == pytest.approx(2.0, abs=0.02)


def test_after_a_gap_there_is_no_slope() -> None:
    trend = Trend()
    trend.step(20.0, 60.0)
    trend.step(21.0, 60.0)
    trend.forget()
    assert trend.step(25.0, 60.0) == 0.0
