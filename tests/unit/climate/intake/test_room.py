"""What comes in from a room's devices, and what is made of it."""

import json
import math

import pytest

from gateway.climate.intake import RoomIntake
from gateway.climate.words import Trust
from gateway.types import Quality, Quantity
from tests.unit.climate.intake.home import CLIMATE, Home, at


def test_nothing_heard_is_missing() -> None:
    seen = Home().look()
    assert seen.temp.trust is Trust.MISSING
    assert seen.temp.value is None
    assert (seen.window, seen.motion_s, seen.heater_on, seen.phones) == (None, None, None, {})


def test_a_reading_is_observed_with_its_age_and_calibration() -> None:
    home = Home(offset_c=-0.4)
    home.report(20.5)
    home.now_s += 60
    assert home.look().temp.good == pytest.approx(20.1)
    assert home.look().temp.age_s == pytest.approx(60)
    assert not home.intake.counts


def test_every_quantity_finds_its_place() -> None:
    home = Home(floor_sensor="pipe", power_sensor="meter")
    home.report(20.5)
    home.says(3.0, "outside")
    home.says(25.0, "pipe")
    home.says(45.0, quantity=Quantity.HUMIDITY)
    home.says(600.0, quantity=Quantity.CO2)
    home.says(80.0, quantity=Quantity.ILLUMINANCE)
    home.says(1500.0, "meter", Quantity.POWER)
    home.says(-700.0, "roof", Quantity.POWER)
    seen = home.look()
    assert seen.outdoor.good == 3.0
    assert seen.floor.good == 25.0
    assert seen.humidity.good == 45.0
    assert seen.co2.good == 600.0
    assert seen.light.good == 80.0
    assert seen.power_w.good == 1500.0
    assert seen.solar_w.good == -700.0


def test_states_of_windows_people_and_the_relay() -> None:
    home = Home(windows=("pane", "door"), motion=("pir",), doors=("door",))
    home.says(1.0, "pane", Quantity.CONTACT)
    home.says(0.0, "door", Quantity.CONTACT)
    home.says(1.0, "pir", Quantity.OCCUPANCY)
    home.says(1.0, "anna", Quantity.OCCUPANCY)
    home.says(1.0, "relay", Quantity.SWITCH)
    assert home.look().motion_s == 0.0
    home.now_s += 60
    home.says(0.0, "pir", Quantity.OCCUPANCY)
    home.now_s += 240
    seen = home.look()
    assert seen.window is True
    assert seen.door_s == 300.0
    assert seen.motion_s == 240.0
    assert dict(seen.phones) == {"anna": True}
    assert seen.heater_on is True


def test_strangers_are_passed_over() -> None:
    home = Home()
    home.says(21.0, "neighbour")
    home.says(21.0, quantity=Quantity.ENERGY)
    assert home.look().temp.value is None
    assert not home.intake.counts


def test_a_retained_measurement_is_not_fresh_but_a_retained_contact_is_all_there_is() -> None:
    home = Home(windows=("pane",))
    home.says(21.0, quality=Quality.STALE)
    home.says(1.0, "pane", Quantity.CONTACT, quality=Quality.STALE)
    seen = home.look()
    assert seen.temp.trust is Trust.MISSING
    assert seen.window is True
    assert dict(home.intake.counts) == {"stale": 1}


def test_duplicates_and_late_samples_change_nothing() -> None:
    home = Home()
    home.report(20.0)
    home.says(20.4)
    home.says(20.8, at_s=home.now_s - 100)
    assert home.look().temp.good == 20.0
    assert dict(home.intake.counts) == {"duplicate": 1, "out_of_order": 1}


def test_a_stamp_from_the_future_counts_as_now() -> None:
    home = Home()
    home.says(20.0, at_s=home.now_s + 5000)
    home.now_s += 300
    home.says(20.2)
    assert home.look().temp.good == 20.2


def test_a_stamp_of_another_boot_tells_no_age_and_is_not_used() -> None:
    home = Home()
    home.says(20.0, boot="another")
    assert home.look().temp.trust is Trust.MISSING
    assert dict(home.intake.counts) == {"other_boot": 1}


def test_units_are_repaired_where_they_are_told_and_refused_where_unknown() -> None:
    home = Home()
    home.says(68.0, unit="°F")
    assert home.look().temp.good == pytest.approx(20.0)
    home.now_s += 300
    home.says(300.0, unit="furlong")
    assert dict(home.intake.counts) == {"unit_wrong": 1}


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        (Quantity.HUMIDITY, 0.0),
        (Quantity.HUMIDITY, 140.0),
        (Quantity.CO2, 0.0),
        (Quantity.ILLUMINANCE, -1.0),
        (Quantity.HUMIDITY, math.nan),
    ],
)
def test_other_quantities_have_ranges_too(quantity: Quantity, value: float) -> None:
    home = Home()
    home.says(value, quantity=quantity)
    seen = home.look()
    assert (seen.humidity.good, seen.co2.good, seen.light.good) == (None, None, None)
    assert sum(home.intake.counts.values()) == 1


def test_what_was_known_survives_a_restart_with_its_age() -> None:
    home = Home(offset_c=0.5).live(20.0)
    home.look()
    kept = home.intake.snapshot()
    again = RoomIntake(home.room, CLIMATE)
    again.restore(kept, at(30.0, wall_s=home.now_s + 600))
    seen = again.observe(at(30.0, wall_s=home.now_s + 600))
    assert seen.temp.good == pytest.approx(20.5)
    assert seen.temp.age_s == pytest.approx(600, abs=1)
    later = again.observe(at(30.0 + 7200))
    assert later.temp.trust is Trust.SILENT


def test_a_doubt_survives_a_restart_and_the_sensor_is_no_stranger_after_it() -> None:
    home = Home().live(20.0)
    home.live(26.0, hours=13)
    home.look()
    again = RoomIntake(home.room, CLIMATE)
    again.restore(home.intake.snapshot(), at(home.now_s))
    home.intake = again
    home.report(26.1)
    assert home.look().temp.doubt == pytest.approx(6.0, abs=0.2)
    for value in (14.0, 14.1, 14.0, 14.2):
        home.report(value)
    assert home.look().temp.value == 26.1


def test_what_is_refused_stays_refused_over_a_restart() -> None:
    """A sensor that began to lie is no sensor that was silent: after hours of silence much more is believed."""
    home = Home().live(21.0)
    home.live(9.0, hours=2)
    assert home.look().temp.trust is Trust.IMPLAUSIBLE
    again = RoomIntake(home.room, CLIMATE)
    home.now_s += 1800
    kept = json.loads(json.dumps(home.intake.snapshot()))
    again.restore(kept, at(home.now_s))
    home.intake = again
    home.live(9.1, hours=1)
    assert home.look().temp.good is None
    home.report(20.0)
    assert home.look().temp.good == 20.0


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"temp": 3, "wall": "x", "outdoor": None},
        {"temp": {"value": math.nan, "age_s": 1}},
        {"temp": {"value": "21", "age_s": -5}, "backup": {"offset": 1e9}},
        {"temp": {"value": 900.0, "age_s": 1.0}, "stuck": {"share": -3}},
    ],
)
def test_a_damaged_memory_is_forgotten(kept: dict[str, object]) -> None:
    home = Home(backup_sensor="valve")
    home.intake.restore(kept, at(home.now_s))
    assert home.look().temp.trust is Trust.MISSING
    home.report(21.0)
    assert home.look().temp.good == 21.0


def test_the_second_sensor_is_used_with_the_offset_it_was_seen_to_have() -> None:
    home = Home(backup_sensor="valve")
    for _ in range(100):
        home.now_s += 300
        home.says(20.0)
        home.says(23.0, "valve")
        home.look()
    assert home.look().backup.good == pytest.approx(20.0)
    again = RoomIntake(home.room, CLIMATE)
    again.restore(home.intake.snapshot(), at(home.now_s))
    home.intake = again
    home.now_s += 7200
    home.says(22.0, "valve")
    seen = home.look()
    assert seen.temp.trust is Trust.SILENT
    assert seen.backup.good == pytest.approx(19.0)
