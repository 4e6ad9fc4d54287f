"""What absence and windows do to a target."""

import json

import pytest

from gateway.climate.wish import Wishes
from gateway.climate.words import Ask, Mode, Preset
from gateway.config.climate import Presets, Room
from tests.unit.climate.wish.room import SCHEDULE, ZONE, at, blind, usual, wanted

NOON = "2022-01-15 12:00"  # a Saturday, 21 degC


def test_absence_sets_back_two_kelvin_first_and_then_the_preset() -> None:
    wishes = usual()
    found = [wanted(wishes, at(NOON, hours * 3600), away=True) for hours in (0, 0.99, 1, 5)]
    assert [one.target_c for one in found] == [19.0, 19.0, 16.0, 16.0]
    assert {(one.preset, one.why) for one in found} == {(Preset.AWAY, "nobody is at home")}
    assert wanted(wishes, at(NOON, 6 * 3600), away=False).target_c == 21.0


def test_not_knowing_sets_nothing_back() -> None:
    wishes = usual()
    assert [wanted(wishes, at(NOON, hours * 3600)).target_c for hours in (0, 2)] == [21.0, 21.0]


def test_absence_never_warms() -> None:
    wishes = Wishes(Room(name="living", sensor="t", presets=Presets(away=19.0), schedule=SCHEDULE), ZONE)
    assert wanted(wishes, at("2022-01-11 12:00"), away=True).target_c == 17.0


def test_the_room_is_warm_for_an_hour_when_people_are_expected_back() -> None:
    wishes = usual()
    out = wanted(wishes, at("2022-01-11 09:00"), away=True)
    assert (out.target_c, out.next_c, out.next_s) == (16.0, 21.0, 7.5 * 3600)
    assert wanted(wishes, at("2022-01-11 16:45"), away=True).target_c == 21.0
    assert wanted(wishes, at("2022-01-11 17:30"), away=True).target_c == 16.0


def test_after_a_day_nobody_is_expected() -> None:
    wishes = usual()
    wanted(wishes, at("2022-01-11 09:00"), away=True)
    found = wanted(wishes, at("2022-01-12 16:40"), away=True)
    assert (found.target_c, found.next_c, max(found.ahead)) == (16.0, None, 16.0)


def test_absence_does_not_touch_what_was_set_by_hand() -> None:
    wishes = usual()
    wishes.ask(Ask(room="living", target_c=20.0, for_s=7200.0), at(NOON))
    assert wanted(wishes, at(NOON, 3700), away=True).target_c == 20.0


def test_absence_survives_a_restart() -> None:
    wishes, fresh = usual(), usual()
    wanted(wishes, at(NOON), away=True)
    wanted(wishes, at(NOON, 5400), away=True)
    fresh.restore(json.loads(json.dumps(wishes.snapshot())), at(NOON, 5460))
    assert wanted(fresh, at(NOON, 5460), away=True).target_c == 16.0


def test_an_open_window_stops_the_heat_but_not_for_ever() -> None:
    wishes = usual()
    found = [wanted(wishes, at(NOON, seconds), window=True) for seconds in (0, 1799, 1800, 7200)]
    assert [one.target_c for one in found] == [7.0, 7.0, 21.0, 21.0]
    assert (found[0].why, found[0].next_c, found[0].ahead[:2]) == ("a window is open", None, (7.0, 21.0))


def test_the_next_opening_has_a_pause_of_its_own() -> None:
    wishes = usual()
    wanted(wishes, at(NOON), window=True)
    assert wanted(wishes, at(NOON, 1800), window=True).target_c == 21.0
    assert wanted(wishes, at(NOON, 1860)).target_c == 21.0
    assert wanted(wishes, at(NOON, 1920), window=True).target_c == 7.0


def test_the_pause_is_as_long_as_it_is_configured() -> None:
    wishes = Wishes(Room(name="living", sensor="t"), ZONE, pause_s=60.0)
    assert [wanted(wishes, blind(at_s), window=True).target_c for at_s in (0.0, 59.0, 60.0)] == [7.0, 7.0, 19.5]


@pytest.mark.parametrize(("mode", "target_c"), [(Mode.HEAT, 7.0), (Mode.COOL, 30.0), (Mode.OFF, 7.0)])
def test_an_open_window_stops_heating_and_cooling(mode: Mode, target_c: float) -> None:
    wishes = usual()
    wishes.ask(Ask(room="living", mode=mode), at(NOON))
    assert wanted(wishes, at(NOON), window=True).target_c == target_c
