"""One room by plain control: what it answers to whatever is measured."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.climate.classic import Classic
from gateway.climate.words import NOTHING, Law, Measured, Mode, Moment, Observed, Trust, Wanted
from gateway.config.climate import Room
from tests.unit.climate.classic.house import BEGAN, good

ROOM = Room(name="living", sensor="thermometer")
VALVE = Room(name="living", sensor="thermometer", drive="valve")
COMFORT = Wanted(mode=Mode.AUTO, target_c=21.0)
MORNING = Wanted(mode=Mode.AUTO, target_c=17.0, next_c=20.0, next_s=48 * 60.0)


def seen(temp_c: float, at_s: float = 0.0, *, outdoor: Measured = NOTHING, clock: bool = True) -> Observed:
    now = Moment(mono_s=at_s, wall=BEGAN + timedelta(seconds=at_s) if clock else None)
    return Observed(now=now, temp=good(temp_c), outdoor=outdoor)


def lost(at_s: float = 0.0, outdoor_c: float = 1.0, backup: Measured = NOTHING) -> Observed:
    silent = Measured(value=18.0, age_s=9000.0, seen_s=9000.0, trust=Trust.SILENT)
    return replace(seen(18.0, at_s, outdoor=good(outdoor_c)), temp=silent, backup=backup)


@pytest.mark.parametrize(("temp_c", "duty"), [(17.0, 1.0), (20.7, 1.0), (21.5, 0.0)])
def test_a_cold_room_is_heated_from_the_first_tick(temp_c: float, duty: float) -> None:
    drive = Classic(ROOM).step(seen(temp_c), COMFORT)
    assert (drive.duty, drive.law, drive.aim_c) == (duty, Law.CLASSIC, None)


def test_an_early_start_is_explained_in_local_time() -> None:
    drive = Classic(ROOM, ZoneInfo("Europe/Amsterdam")).step(seen(18.0, 4 * 3600 + 42 * 60, outdoor=good(3.0)), MORNING)
    assert drive.why == "20.0 wanted at 06:30, model says 62 min +/- 36"
    assert (drive.duty, drive.aim_c) == (1.0, 20.0)


def test_there_is_no_early_start_before_it_is_time() -> None:
    classic = Classic(ROOM)
    warmed(classic)
    drive = classic.step(seen(18.0, 7200.0, outdoor=good(3.0)), replace(MORNING, next_s=3 * 3600.0))
    assert (drive.duty, drive.aim_c, drive.why) == (0.0, None, "18.0 measured, 17.0 wanted")


@pytest.mark.parametrize(("hours", "aim_c"), [(11, 20.0), (13, None)])
def test_before_its_first_rise_a_room_is_not_set_back(hours: int, aim_c: float | None) -> None:
    drive = Classic(ROOM).step(seen(19.6, outdoor=good(3.0)), replace(MORNING, next_s=hours * 3600.0))
    assert drive.aim_c == aim_c
    assert ("20.0 kept until it is known how long this room takes" in drive.why) is (aim_c is not None)


@pytest.mark.parametrize(("found_c", "next_night_c"), [(19.8, 18.5), (18.9, 20.0)])
def test_the_next_night_depends_on_how_the_morning_went(found_c: float, next_night_c: float) -> None:
    classic = Classic(ROOM)
    classic.step(seen(19.6), MORNING)
    classic.step(seen(found_c, MORNING.next_s or 0.0), replace(COMFORT, target_c=20.0))
    night = classic.step(seen(20.0, 40000.0), replace(MORNING, next_s=9 * 3600.0))
    assert night.aim_c == next_night_c


def test_a_room_that_was_late_for_all_that_was_learned_is_not_set_back() -> None:
    classic = Classic(ROOM)
    for minute in range(61):
        classic.step(seen(17.0 + minute / 15, 60.0 * minute), COMFORT, ran=1.0)
    assert classic.minutes_per_degree is not None
    classic.step(seen(19.0, 20000.0), MORNING)
    assert classic.step(seen(20.0, 20060.0), replace(MORNING, next_s=11 * 3600.0)).aim_c is None
    classic.step(seen(18.9, 22940.0), replace(COMFORT, target_c=20.0))
    classic.step(seen(20.0, 50000.0), replace(MORNING, next_s=3600.0))
    classic.step(seen(20.0, 53600.0), replace(COMFORT, target_c=20.0))  # an afternoon in the sun proves nothing
    nights = [classic.step(seen(20.0, at_s), replace(MORNING, next_s=11 * 3600.0)).aim_c for at_s in (8e4, 1.7e5)]
    assert nights == [20.0, None]


def test_a_night_is_no_deeper_than_what_was_learned_from_foretells() -> None:
    classic = Classic(ROOM)
    for minute in range(31):
        classic.step(seen(18.5 + minute / 12, 60.0 * minute), replace(COMFORT, target_c=21.0), ran=1.0)
    assert classic.minutes_per_degree is not None
    night = replace(MORNING, target_c=15.0, next_s=11 * 3600.0)
    again = Classic(ROOM)
    again.restore(json.loads(json.dumps(classic.snapshot())), seen(20.0, 2000.0).now)
    assert [room.step(seen(19.5, 20000.0), night).aim_c for room in (classic, again)] == pytest.approx(
        [16.7, 16.7], abs=0.1
    )


def test_without_a_clock_nothing_is_said_of_times() -> None:
    drive = Classic(ROOM).step(seen(20.0, clock=False), COMFORT)
    assert drive.why == "20.0 measured, 21.0 wanted"


def test_a_lost_thermometer_leaves_heat_by_the_cold_outside() -> None:
    mild, cold = (Classic(ROOM).step(lost(outdoor_c=outdoor_c), COMFORT) for outdoor_c in (11.0, -9.0))
    assert [mild.duty, cold.duty] == pytest.approx([0.25, 0.75])
    assert cold.why == "no temperature to be trusted, 75% by the cold outside"


def test_another_thermometer_serves_where_the_first_is_lost() -> None:
    assert Classic(ROOM).step(lost(backup=good(22.0)), COMFORT).duty == 0.0
    assert Classic(ROOM).step(lost(backup=good(19.0)), COMFORT).duty == 1.0


def test_cooling_is_a_duty_below_nothing() -> None:
    cool = Wanted(mode=Mode.COOL, target_c=24.0)
    classic = Classic(ROOM)
    found = [
        classic.step(seen(temp_c, number * 3600.0), cool) for number, temp_c in enumerate((26.0, 24.0, 23.5, 24.1))
    ]
    assert [drive.duty for drive in found] == [-1.0, -1.0, 0.0, 0.0]
    assert found[0].why.startswith("26.0 measured")
    assert Classic(ROOM).step(lost(), cool).duty == 0.0


def integrated(step: Callable[[Classic, Observed], object]) -> float:
    """The duty at the aim after an hour in which the room was too cold by 0.7 K."""
    classic = Classic(VALVE)
    for minute in range(60):
        step(classic, seen(20.3, minute * 60.0))
    return classic.step(seen(21.0, 3600.0), COMFORT).duty


def test_while_somebody_else_drives_nothing_winds_up() -> None:
    driving = integrated(lambda classic, observed: classic.step(observed, COMFORT))
    idle = integrated(lambda classic, observed: classic.step(observed, COMFORT, ran=0.4, driving=False))
    assert driving > idle + 0.1


def warmed(classic: Classic, *, window: bool = False, ran: float | None = None) -> None:
    for minute in range(61):
        observed = replace(seen(18.0 + minute * 0.05, minute * 60.0, outdoor=good(5.0)), window=window)
        classic.step(observed, COMFORT, ran=ran)


def test_it_learns_from_heat_that_others_gave() -> None:
    classic = Classic(ROOM)
    warmed(classic, ran=1.0)
    assert classic.minutes_per_degree is not None
    assert classic.minutes_per_degree == pytest.approx(20.0, abs=4.0)


def test_it_learns_nothing_with_a_window_open_nor_from_a_heater_that_says_it_is_off() -> None:
    aired, failed = Classic(ROOM), Classic(ROOM)
    warmed(aired, window=True)
    for minute in range(61):
        failed.step(replace(seen(18.0 + minute * 0.05, minute * 60.0), heater_on=False), COMFORT)
    assert (aired.minutes_per_degree, failed.minutes_per_degree) == (None, None)


def test_it_learns_nothing_over_a_gap() -> None:
    classic = Classic(ROOM)
    classic.step(seen(18.0), COMFORT)
    classic.step(lost(600.0), COMFORT)
    classic.step(seen(21.0, 1200.0), COMFORT)
    assert classic.minutes_per_degree is None


def test_what_it_learned_survives_a_restart() -> None:
    classic, fresh = Classic(ROOM), Classic(ROOM)
    warmed(classic)
    fresh.restore(json.loads(json.dumps(classic.snapshot(), allow_nan=False)), Moment(mono_s=7.0, wall=None))
    observed = seen(18.0, 4 * 3600.0, outdoor=good(3.0))
    assert fresh.step(observed, MORNING).why == classic.step(observed, MORNING).why.replace("00:00", "04:00")
    assert fresh.minutes_per_degree == classic.minutes_per_degree


@pytest.mark.parametrize("saved", [{}, {"heat_up": 3, "cool_down": [], "losses": None}])
def test_what_was_kept_may_be_garbage(saved: dict[str, object]) -> None:
    classic = Classic(ROOM, UTC)
    classic.restore(saved, Moment(mono_s=0.0, wall=None))
    assert classic.step(seen(18.0), COMFORT).duty == 1.0


def test_who_wants_it_cold_gets_it_cold_also_in_a_strange_room() -> None:
    wanted = replace(MORNING, next_s=11 * 3600.0, by_hand=True)
    assert Classic(ROOM).step(seen(18.6, outdoor=good(3.0)), wanted).aim_c is None
