"""The schedule on a clock that changes twice a year."""

from datetime import UTC, datetime, time

import pytest

from gateway.climate.wish import Wishes
from gateway.config.climate import Change, Presets, Room
from tests.unit.climate.wish.room import ZONE, at, room, usual, wanted


@pytest.mark.parametrize(
    ("local", "target_c", "next_c", "next_s"),
    [
        ("2022-01-11 06:29", 17.0, 21.0, 60.0),
        ("2022-01-11 06:30", 21.0, 17.0, 7200.0),
        ("2022-01-14 23:59", 17.0, 21.0, 7.5 * 3600 + 60),
        ("2022-01-15 12:00", 21.0, 17.5, 11 * 3600.0),
        ("2022-01-17 02:00", 17.5, 21.0, 4.5 * 3600),
    ],
)
def test_the_schedule_says_what_and_what_is_next(local: str, target_c: float, next_c: float, next_s: float) -> None:
    found = wanted(usual(), at(local))
    assert (found.target_c, found.next_c, found.next_s, found.why) == (target_c, next_c, next_s, "the schedule")


@pytest.mark.parametrize(
    ("night", "hours"), [("2022-03-26 23:00", 7.5), ("2022-10-29 23:00", 9.5), ("2022-01-15 23:00", 8.5)]
)
def test_a_night_lasts_as_long_as_it_really_does(night: str, hours: float) -> None:
    found = wanted(usual(), at(night))
    assert (found.next_c, found.next_s) == (21.0, hours * 3600)
    assert found.ahead[: round(hours * 4) + 1] == (17.5,) * round(hours * 4) + (21.0,)


def test_a_time_that_is_skipped_comes_an_hour_later_by_the_new_clock() -> None:
    wishes = Wishes(room(Change(at=time(2, 30), temp_c=19.0), Change(at=time(12, 0), temp_c=15.0)), ZONE)
    assert wanted(wishes, at("2022-03-27 01:59")).next_s == 31 * 60.0
    assert wanted(wishes, at("2022-03-27 03:30")).target_c == 19.0


def test_a_time_that_comes_twice_counts_once() -> None:
    wishes = Wishes(room(Change(at=time(2, 30), temp_c=19.0), Change(at=time(2, 45), temp_c=15.0)), ZONE)
    found = [wanted(wishes, at("2022-10-30 00:00", hours * 3600)).target_c for hours in (2.4, 2.6, 3.0, 3.6, 4.0)]
    assert found == [15.0, 19.0, 15.0, 15.0, 15.0]


def test_of_two_changes_at_one_time_the_last_counts() -> None:
    wishes = Wishes(room(Change(at=time(7), temp_c=19.0), Change(at=time(7), temp_c=20.0)), ZONE)
    assert wanted(wishes, at("2022-01-10 07:00")).target_c == 20.0


def test_without_a_schedule_comfort_is_held() -> None:
    found = wanted(Wishes(room(), ZONE), at("2022-01-10 03:00"))
    assert (found.target_c, found.next_c, found.next_s, found.ahead) == (21.0, None, None, (21.0,) * 96)


def test_one_change_a_week_holds_all_week() -> None:
    wishes = Wishes(room(Change(at=time(7), days=("mon",), temp_c=19.0)), ZONE)
    assert [wanted(wishes, at(f"2022-01-{day} 12:00")).target_c for day in (10, 13, 16)] == [19.0] * 3


def test_the_clock_may_be_set_back_by_days() -> None:
    wishes = usual()
    assert wanted(wishes, at("2022-01-20 07:00")).target_c == 21.0
    assert wanted(wishes, at("2022-01-03 06:29")).next_s == 60.0


def test_a_quarter_of_an_hour_has_the_target_at_its_beginning() -> None:
    ahead = wanted(usual(), at("2022-01-11 06:10")).ahead
    assert (ahead[:3], len(ahead)) == ((17.0, 17.0, 21.0), 96)


def test_presets_are_the_rooms_own() -> None:
    own = Room(name="bath", sensor="t", presets=Presets(comfort=23.0), schedule=(Change(at=time(0), preset="comfort"),))
    assert wanted(Wishes(own, ZONE), at("2022-01-10 12:00")).target_c == 23.0


def test_a_zone_without_clock_changes() -> None:
    found = wanted(
        Wishes(room(Change(at=time(6), temp_c=19.0), Change(at=time(9), temp_c=15.0)), UTC), at("2022-01-10 06:00")
    )
    assert found.next_s == (datetime(2022, 1, 10, 6, tzinfo=UTC) - datetime(2022, 1, 10, 5, tzinfo=UTC)).total_seconds()
