"""What somebody sets by hand: how long it counts, and what is refused."""

import json
import math

import pytest

from gateway.climate.wish import Wishes
from gateway.climate.words import Alarm, Ask, Mode, Preset
from gateway.config.climate import Limits, Presets, Room
from tests.unit.climate.wish.room import ZONE, at, blind, room, usual, wanted

NIGHT = "2022-01-11 03:00"


def ask(
    *, mode: Mode | None = None, preset: Preset | None = None, target_c: float | None = None, for_s: float | None = None
) -> Ask:
    return Ask(room="living", mode=mode, preset=preset, target_c=target_c, for_s=for_s)


def test_a_temperature_by_hand_holds_until_the_next_change() -> None:
    wishes = usual()
    assert wishes.ask(ask(target_c=19.5), at(NIGHT)) is None
    found = wanted(wishes, at(NIGHT))
    assert (found.target_c, found.preset, found.why) == (19.5, None, "set by hand until 06:30")
    assert (found.next_c, found.next_s, found.ahead[13:15]) == (21.0, 3.5 * 3600, (19.5, 21.0))
    assert wanted(wishes, at("2022-01-11 06:30")).why == "the schedule"


def test_a_temperature_for_a_time_outlives_changes_of_the_schedule() -> None:
    wishes = usual()
    wishes.ask(ask(target_c=16.0, for_s=4 * 3600.0), at(NIGHT))
    found = wanted(wishes, at("2022-01-11 06:45"))
    assert (found.target_c, found.next_c, found.next_s, found.why) == (16.0, 21.0, 900.0, "set by hand until 07:00")
    assert wanted(wishes, at("2022-01-11 07:00")).target_c == 21.0


def test_boost_ends_by_itself() -> None:
    wishes = usual()
    wishes.ask(ask(preset=Preset.BOOST), at(NIGHT))
    found = wanted(wishes, at(NIGHT))
    assert (found.target_c, found.preset, found.next_s, found.why) == (
        22.0,
        Preset.BOOST,
        3600.0,
        "boost by hand until 04:00",
    )
    assert wanted(wishes, at(NIGHT, 3600)).target_c == 17.0


def test_who_goes_away_comes_back_when_they_say_so() -> None:
    wishes = usual()
    wishes.ask(ask(preset=Preset.AWAY), at(NIGHT))
    found = wanted(wishes, at("2022-01-15 12:00"))
    assert (found.target_c, found.next_s, found.why) == (16.0, None, "away by hand")
    wishes.ask(ask(mode=Mode.AUTO), at("2022-01-15 12:00"))
    assert wanted(wishes, at("2022-01-15 12:00")).target_c == 21.0


def test_a_far_end_is_told_with_its_day() -> None:
    wishes = usual()
    wishes.ask(ask(target_c=18.0, for_s=86400.0), at(NIGHT))
    assert wanted(wishes, at(NIGHT)).why == "set by hand until Wed 03:00"


@pytest.mark.parametrize(("mode", "target_c"), [(Mode.OFF, 7.0), (Mode.HEAT, 21.0), (Mode.COOL, 24.0)])
def test_a_mode_holds_whatever_the_schedule_says(mode: Mode, target_c: float) -> None:
    wishes = usual()
    wishes.ask(ask(mode=mode), at(NIGHT))
    found = [wanted(wishes, at(local)) for local in (NIGHT, "2022-01-11 07:00")]
    assert [(one.mode, one.target_c, one.next_c) for one in found] == [(mode, target_c, None)] * 2


def test_heat_keeps_what_was_set() -> None:
    wishes = usual()
    wishes.ask(ask(mode=Mode.HEAT, preset=Preset.ECO), at(NIGHT))
    assert (wanted(wishes, at(NIGHT)).target_c, wanted(wishes, at(NIGHT)).preset) == (18.0, Preset.ECO)
    wishes.ask(ask(preset=Preset.BOOST), at(NIGHT))
    assert wanted(wishes, at(NIGHT)).target_c == 22.0
    assert wanted(wishes, at(NIGHT, 3600)).target_c == 18.0


def test_what_saves_heat_saves_cold_too() -> None:
    wishes = usual()
    wishes.ask(ask(mode=Mode.COOL, preset=Preset.ECO), at(NIGHT))
    assert wanted(wishes, at(NIGHT)).target_c == 27.0
    wishes.ask(ask(target_c=25.5), at(NIGHT))
    assert wanted(wishes, at(NIGHT)).target_c == 25.5


def test_off_stays_off_whatever_temperature_is_set() -> None:
    wishes = usual()
    wishes.ask(ask(mode=Mode.OFF), at(NIGHT))
    wishes.ask(ask(target_c=25.0), at(NIGHT))
    wishes.ask(ask(preset=Preset.BOOST), at(NIGHT))
    assert (wanted(wishes, at(NIGHT)).target_c, wanted(wishes, at(NIGHT)).why) == (7.0, "switched off")


@pytest.mark.parametrize(
    "refused",
    [
        ask(target_c=math.nan),
        ask(target_c=math.inf),
        ask(target_c=4.9),
        ask(target_c=30.1),
        ask(target_c=-300.0, mode=Mode.OFF),
        ask(target_c=20.0, for_s=math.nan),
        ask(target_c=20.0, for_s=math.inf),
        ask(target_c=20.0, for_s=0.0),
        ask(target_c=20.0, for_s=-5.0),
    ],
)
def test_a_wish_that_makes_no_sense_changes_nothing(refused: Ask) -> None:
    wishes = usual()
    assert wishes.ask(refused, at(NIGHT)) is Alarm.SETPOINT_REJECTED
    assert (wanted(wishes, at(NIGHT)).mode, wanted(wishes, at(NIGHT)).target_c) == (Mode.AUTO, 17.0)


def test_a_room_has_limits_of_its_own() -> None:
    wishes = Wishes(Room(name="living", sensor="t", limits=Limits(set_min_c=12.0, set_max_c=24.0)), ZONE)
    wishes.ask(ask(target_c=29.0), at(NIGHT))
    assert wanted(wishes, at(NIGHT)).target_c == 24.0
    wishes.ask(ask(target_c=6.0), at(NIGHT))
    assert wanted(wishes, at(NIGHT)).target_c == 12.0


def test_retained_wishes_are_ignored() -> None:
    wishes = usual()
    assert wishes.ask(Ask(room="living", target_c=25.0, retained=True), at(NIGHT)) is None
    assert wanted(wishes, at(NIGHT)).target_c == 17.0


def test_of_a_flood_of_wishes_the_last_counts_when_it_is_over() -> None:
    wishes = usual()
    told = [wishes.ask(ask(target_c=10.0 + number / 10), at(NIGHT, number)) for number in range(30)]
    assert told == [None] * 10 + [Alarm.SETPOINT_REJECTED] * 20
    assert wanted(wishes, at(NIGHT, 59)).target_c == 10.9
    assert wanted(wishes, at(NIGHT, 60)).target_c == 12.9


def test_a_flood_loses_no_mode() -> None:
    wishes = usual()
    for _ in range(10):
        wishes.ask(ask(target_c=20.0), at(NIGHT))
    wishes.ask(ask(mode=Mode.HEAT), at(NIGHT))
    wishes.ask(ask(target_c=19.0), at(NIGHT))
    wishes.ask(ask(for_s=60.0), at(NIGHT))
    found = wanted(wishes, at(NIGHT, 60))
    assert (found.mode, found.target_c) == (Mode.HEAT, 19.0)
    assert wanted(wishes, at(NIGHT, 120)).target_c == 21.0


def test_without_a_clock_it_is_between_comfort_and_eco() -> None:
    wishes = usual()
    found = wanted(wishes, blind(100.0))
    assert (found.target_c, found.next_c, found.ahead) == (19.5, None, (19.5,) * 96)
    assert "not known" in found.why


def test_a_wish_from_before_the_clock_was_known_ends_at_the_next_change_after() -> None:
    wishes = usual()
    wishes.ask(ask(target_c=23.0), blind(0.0))
    assert wanted(wishes, blind(90000.0)).target_c == 23.0
    assert wanted(wishes, at(NIGHT)).why == "set by hand until 06:30"
    assert wanted(wishes, at("2022-01-11 06:30")).why == "the schedule"


def test_a_time_needs_no_clock() -> None:
    wishes = usual()
    wishes.ask(ask(target_c=23.0, for_s=600.0), blind(0.0))
    assert [wanted(wishes, blind(mono_s)).target_c for mono_s in (599.0, 600.0)] == [23.0, 19.5]


def restarted(wishes: Wishes, later: str, *, plus_s: float = 0.0) -> Wishes:
    fresh = usual()
    fresh.restore(json.loads(json.dumps(wishes.snapshot(), allow_nan=False)), at(later, plus_s))
    return fresh


def test_what_was_set_survives_a_restart() -> None:
    wishes = usual()
    wishes.ask(ask(mode=Mode.HEAT, target_c=18.5), at(NIGHT))
    wishes.ask(ask(preset=Preset.BOOST), at(NIGHT))
    before = wanted(wishes, at(NIGHT, 60))
    assert wanted(restarted(wishes, NIGHT, plus_s=60), at(NIGHT, 60)) == before
    assert wanted(restarted(wishes, NIGHT, plus_s=3601), at(NIGHT, 3601)).target_c == 18.5


def test_an_end_at_a_change_of_the_schedule_survives_too() -> None:
    wishes = usual()
    wishes.ask(ask(target_c=18.5), at(NIGHT))
    wanted(wishes, at(NIGHT))
    assert wanted(restarted(wishes, "2022-01-11 05:00"), at("2022-01-11 05:00")).target_c == 18.5
    assert wanted(restarted(wishes, "2022-01-11 07:00"), at("2022-01-11 07:00")).target_c == 21.0


def test_a_wish_without_an_end_can_be_kept_where_there_is_no_schedule() -> None:
    wishes = Wishes(room(), ZONE)
    wishes.ask(ask(target_c=18.5), at(NIGHT))
    wanted(wishes, at(NIGHT))
    fresh = Wishes(room(), ZONE)
    fresh.restore(json.loads(json.dumps(wishes.snapshot(), allow_nan=False)), at("2022-02-11 05:00"))
    assert wanted(fresh, at("2022-02-11 05:00")).target_c == 18.5


@pytest.mark.parametrize(
    "saved",
    [
        {},
        {"hand": 7, "absent": "x"},
        {"hand": {"mode": "party", "hold_c": "warm", "override": {"target_c": math.nan}}},
        {"hand": {"mode": ["off"], "override": {"target_c": 99.0, "left_s": 5.0}}},
        {"hand": {"override": {"target_c": 20.0, "timed": True, "left_s": None, "preset": {}}}},
    ],
)
def test_what_was_kept_may_be_garbage(saved: dict[str, object]) -> None:
    wishes = usual()
    wishes.restore(saved, at(NIGHT))
    assert (wanted(wishes, at(NIGHT)).mode, wanted(wishes, at(NIGHT)).target_c) == (Mode.AUTO, 17.0)


def test_presets_by_hand_are_the_rooms_own() -> None:
    wishes = Wishes(Room(name="living", sensor="t", presets=Presets(sleep=15.5)), ZONE)
    wishes.ask(ask(preset=Preset.SLEEP), at(NIGHT))
    assert wanted(wishes, at(NIGHT)).target_c == 15.5
