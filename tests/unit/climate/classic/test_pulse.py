"""Shares of full power as pulses of a relay."""

import math
from itertools import pairwise

import pytest

from gateway.climate.classic import Pulse
from gateway.climate.words import Moment
from gateway.config.climate import Limits

HOUR = 3600


def pulsed(pulse: Pulse, duty: float, hours: float, *, tick_s: int = 60, begins_s: int = 0) -> list[bool]:
    ends_s = begins_s + round(hours * HOUR)
    return [pulse.step(duty, Moment(mono_s=float(at_s), wall=None)) for at_s in range(begins_s, ends_s, tick_s)]


def runs(states: list[bool], tick_s: int = 60) -> list[tuple[bool, int]]:
    """(on, seconds) of every stretch."""
    found: list[tuple[bool, int]] = []
    for state in states:
        before = found[-1][1] if found and found[-1][0] is state else 0
        found = [*(found[:-1] if before else found), (state, before + tick_s)]
    return found


@pytest.mark.parametrize("duty", [0.05, 0.2, 0.5, 0.8, 0.95])
def test_the_mean_is_right_and_starts_are_few(duty: float) -> None:
    states = pulsed(Pulse(Limits()), duty, 72)
    assert sum(states) / len(states) == pytest.approx(duty, abs=0.02)
    assert sum(not before and then for before, then in pairwise(states)) <= 3 * 20


@pytest.mark.parametrize("tick_s", [1, 10, 60])
def test_pulses_do_not_depend_on_how_often_it_is_asked(tick_s: int) -> None:
    lengths = [seconds for _, seconds in runs(pulsed(Pulse(Limits()), 0.5, 12, tick_s=tick_s), tick_s)[1:-1]]
    assert lengths == pytest.approx([2250] * len(lengths), abs=120)
    assert len(lengths) > 15


def test_everything_and_nothing_are_obeyed_at_once() -> None:
    pulse = Pulse(Limits(min_on_s=0, min_off_s=0))
    assert pulsed(pulse, 1.0, 0.5) == [True] * 30
    assert pulsed(pulse, 0.0, 0.5, begins_s=1800) == [False] * 30


def test_shortest_times_hold_whatever_is_asked() -> None:
    pulse, states = Pulse(Limits(min_on_s=600, min_off_s=300, starts_per_hour=12)), []
    for minute in range(600):
        states.append(pulse.step(float(minute % 2), Moment(mono_s=minute * 60.0, wall=None)))
    assert all(seconds >= (600 if on else 300) for on, seconds in runs(states)[1:-1])
    assert any(states)


def test_no_more_starts_than_allowed_in_any_hour() -> None:
    pulse, states = Pulse(Limits(min_on_s=0, min_off_s=0, starts_per_hour=3)), []
    for minute in range(600):
        states.append(pulse.step(float(minute % 2), Moment(mono_s=minute * 60.0, wall=None)))
    starts = [minute for minute in range(1, 600) if states[minute] and not states[minute - 1]]
    assert len(starts) > 20
    assert all(later - first >= 60 for first, later in zip(starts, starts[3:], strict=False))


def test_what_is_no_number_is_no_heat() -> None:
    assert not any(pulsed(Pulse(Limits()), math.nan, 2))
    assert not any(pulsed(Pulse(Limits()), -1.0, 2))


def test_after_a_restart_the_relay_rests_first_and_the_debt_is_kept() -> None:
    pulse, fresh = Pulse(Limits()), Pulse(Limits())
    pulsed(pulse, 0.5, 0.25)
    fresh.restore(pulse.snapshot(), Moment(mono_s=50.0, wall=None))
    states = [fresh.step(1.0, Moment(mono_s=float(at_s), wall=None)) for at_s in range(50, 350, 60)]
    assert states == [False, False, False, False, True]
    fresh.restore({"owed_s": "garbage"}, Moment(mono_s=400.0, wall=None))
    assert fresh.snapshot() == {"owed_s": 0.0}
