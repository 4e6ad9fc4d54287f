"""The margin is the least that would have kept the promise."""

import json
import math

import pytest

from gateway.climate.plan.lack import Lack
from gateway.climate.plan.margin import Margin

MILD = Lack(under_c=-1.0, hours=23.0)


def lived(days: int, *, deep_c: float, hours: float, aired: bool = False) -> Margin:
    """Of so many days with so many hours in which the room would be `deep_c` under the edge without a margin."""
    margin = Margin()
    for _ in range(days):
        margin.learn(MILD)
        for _ in range(10):
            margin.learn(Lack(under_c=deep_c - margin.value_c, hours=hours / 10, aired=aired))
    return margin


def test_nothing_is_known_at_first_and_no_margin_taken() -> None:
    assert Margin().value_c == pytest.approx(0.0)


@pytest.mark.parametrize(("deep_c", "margin_c"), [(0.1, 0.07), (0.2, 0.17), (0.3, 0.27)])
def test_what_is_lacking_every_day_is_made_up_for_but_for_the_promise(deep_c: float, margin_c: float) -> None:
    """Two hours a day, so 14 a week: 0.46 K.h of them is 0.03 K."""
    assert lived(60, deep_c=deep_c, hours=2.0).value_c == pytest.approx(margin_c, abs=0.021)


def test_a_room_that_is_never_cold_is_aimed_lower_and_no_lower_than_lukewarm() -> None:
    assert lived(60, deep_c=-1.0, hours=1.0).value_c == pytest.approx(-0.1)


def test_nobody_is_aimed_at_higher_than_a_little_above_the_target() -> None:
    assert lived(60, deep_c=2.5, hours=3.0).value_c == pytest.approx(0.8)


def test_what_is_deep_and_seldom_is_not_heated_for_all_day() -> None:
    """Eight minutes a day at 1 K is 0.9 K.h a week; a margin of 1 K would spare it, and all day be paid for."""
    assert lived(60, deep_c=1.0, hours=0.13).value_c == pytest.approx(-0.1)


def test_what_a_window_let_out_counts_for_more_than_its_thermometer_shows() -> None:
    shut, aired = (lived(60, deep_c=0.2, hours=0.5, aired=aired).value_c for aired in (False, True))
    assert aired > shut + 0.05


def test_a_heater_at_its_limit_is_no_reason_to_aim_higher() -> None:
    margin = Margin()
    for _ in range(24):
        margin.learn(Lack(under_c=2.0, hours=1.0, avoidable=False))
    assert margin.value_c <= 0


def test_a_bad_day_is_forgotten_in_a_month() -> None:
    margin = lived(1, deep_c=0.4, hours=6.0)
    bad_c = margin.value_c
    for _ in range(30):
        margin.learn(MILD)
    assert bad_c > 0.2
    assert margin.value_c < 0


def test_depths_beyond_all_bounds_are_kept_at_the_bound() -> None:
    deep, deepest = Margin(), Margin()
    for margin, under_c in ((deep, 3.0), (deepest, 40.0)):
        margin.learn(Lack(under_c=under_c, hours=0.5))
        margin.learn(Lack(under_c=-40.0, hours=0.5))
    assert deepest.snapshot() == deep.snapshot()


def test_it_is_the_same_after_a_restart() -> None:
    before, after = lived(12, deep_c=0.25, hours=1.0), Margin()
    after.restore(json.loads(json.dumps(before.snapshot())))
    for margin in (before, after):
        margin.learn(Lack(under_c=0.3, hours=4.0))
    assert after.value_c == before.value_c > 0.1


LEARNED = lived(5, deep_c=0.3, hours=2.0).snapshot()


@pytest.mark.parametrize(
    "saved",
    [
        {},
        {**LEARNED, "shut_h": [1.0, 2.0]},
        {**LEARNED, "aired_h": ["x"] * 67},
        {**LEARNED, "shut_h": [-1.0] * 67},
        {**LEARNED, "lived_h": math.nan},
        {**LEARNED, "lived_h": "long"},
        {**LEARNED, "aired_h": None},
    ],
)
def test_what_cannot_be_read_is_as_if_it_had_never_been(saved: dict[str, object]) -> None:
    margin = Margin()
    margin.restore(saved)
    assert margin.snapshot() == Margin().snapshot()
