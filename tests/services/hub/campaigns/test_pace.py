"""Waves, rates and when it is enough."""

import random
from datetime import timedelta

import pytest

from gateway.errors import Invalid
from services.hub.campaigns.pace import Tally, per_minute, reach, room, too_many, wave, window
from services.hub.campaigns.plan import Pace, Plan, plan_of
from tests.services.hub.campaigns.town import IMAGE

DOUBLING = Pace(first=5, per_minute=2, growth=2, most_per_minute=10)


def plan(**changes: object) -> Plan:
    return plan_of({"wish": IMAGE, "pace": DOUBLING.model_dump(), **changes})


def test_each_wave_is_larger_and_faster_than_the_one_before() -> None:
    assert [reach(DOUBLING, number) for number in range(4)] == [5, 15, 35, 75]
    assert [per_minute(DOUBLING, number) for number in range(5)] == [2, 4, 8, 10, 10]


def test_without_growth_all_waves_are_alike() -> None:
    steady = Pace(first=5, growth=1, per_minute=2)
    assert [reach(steady, number) for number in range(3)] == [5, 10, 15]
    assert per_minute(steady, 7) == 2


def test_a_wave_begins_once_enough_of_the_one_before_is_confirmed() -> None:
    assert [wave(plan(go_on=0.8), confirmed) for confirmed in (0, 3, 4, 11, 12, 28)] == [0, 0, 1, 1, 2, 3]


def test_a_large_fleet_without_growth_takes_no_longer_to_judge() -> None:
    assert wave(plan(pace={"first": 1, "growth": 1}, go_on=0.01), 10**9) == 10**11


def test_a_slow_rate_is_kept_over_as_long_as_one_home_takes() -> None:
    slow = plan(pace={"first": 5, "per_minute": 0.1})
    assert window(0.1) == timedelta(minutes=10)
    assert (room(slow, Tally(waiting=9), 0), room(slow, Tally(waiting=9), 1)) == (1, 0)


def test_no_more_are_reached_than_the_wave_allows() -> None:
    assert room(plan(), Tally(waiting=100, offered=1, begun=2, wrong=1), 0) == 1
    assert room(plan(), Tally(waiting=100, offered=2, begun=2, wrong=1), 0) == 0


@pytest.mark.parametrize(
    ("confirmed", "wrong", "over"), [(0, 2, False), (0, 3, True), (2, 1, True), (4, 1, True), (9, 1, False)]
)
def test_it_is_over_once_too_many_went_wrong(confirmed: int, wrong: int, over: bool) -> None:
    assert too_many(plan(stop=0.2, stop_least=3), Tally(confirmed=confirmed, wrong=wrong)) is over


def test_room_is_never_more_than_any_of_its_bounds() -> None:
    chance = random.Random(5)
    for _ in range(2000):
        pace = {"first": chance.randint(1, 50), "growth": chance.uniform(1, 4), "per_minute": chance.uniform(0.01, 90)}
        made = plan(pace=pace, go_on=chance.uniform(0.01, 1))
        counts = [chance.randint(0, 60) for _ in range(5)]
        tally = Tally(**dict(zip(("waiting", "offered", "begun", "confirmed", "wrong"), counts, strict=True)))
        recent = chance.randint(0, 100)
        got = room(made, tally, recent)
        number = wave(made, tally.confirmed)
        assert 0 <= got <= tally.waiting
        assert not got or got + tally.reached <= reach(made.pace, number)
        rate = per_minute(made.pace, number)
        assert not got or got + recent <= rate * window(rate).total_seconds() / 60 + 1e-6


def test_the_share_is_drawn_by_hash_and_always_the_same() -> None:
    homes = [f"home{number}" for number in range(2000)]
    some = {home for home in homes if plan(share=0.25, salt="a").concerns(home, {})}
    assert 400 < len(some) < 600
    assert some == {home for home in homes if plan(share=0.25, salt="a").concerns(home, {})}
    assert some < {home for home in homes if plan(share=0.5, salt="a").concerns(home, {})}
    assert some != {home for home in homes if plan(share=0.25, salt="b").concerns(home, {})}


def test_all_labels_have_to_be_there() -> None:
    made = plan(labels={"ring": "canary", "country": "no"})
    assert made.concerns("home1", {"ring": "canary", "country": "no", "more": "x"})
    assert not made.concerns("home1", {"ring": "canary"})
    assert not made.concerns("home1", {"ring": "canary", "country": "se"})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"share": 0}, "share"),
        ({"go_on": 0}, "go_on"),
        ({"pace": {"growth": 0.5}}, "pace.growth"),
        ({"pace": {"per_minute": 5e-324}}, "pace.per_minute"),
        ({"pace": {"most_per_minute": 1e-308}}, "pace.most_per_minute"),
        ({"wish": {"what": "settings", "patch": {"climate": float("nan")}}}, "wish.settings.patch"),
        ({"wish": {"what": "settings", "patch": {"climate": "\ud800"}}}, "wish.settings.patch"),
        ({"wish": {"what": "image"}}, "wish.image.sha256"),
        ({"wish": {"what": "settings", "patch": {}}}, "wish.settings.patch"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_is_no_plan(change: dict[str, object], place: str) -> None:
    with pytest.raises(Invalid, match="plan_invalid") as caught:
        plan(**change)
    assert caught.value.facts["place"] == place
