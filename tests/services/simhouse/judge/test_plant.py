"""Devices in sickness and in health, and who is to blame."""

from dataclasses import replace

import pytest

from services.simhouse.bench.blame import blame
from services.simhouse.bench.house import Hardware
from services.simhouse.bench.plant import Plant
from services.simhouse.bench.script import Fault
from tests.services.simhouse.judge.rig import HOUSE, course, steady


def lived(plant: Plant, minutes: range, level: float | None = None) -> list[tuple[str, str, float]]:
    """With the heater told `level` each minute, or left alone."""
    told = []
    for minute in minutes:
        told += plant.readings(minute)
        if level is not None:
            plant.actuator.obey("heater", level, 900.0, minute * 60.0)
        plant.pass_minute(minute)
    return told


def temperatures(told: list[tuple[str, str, float]]) -> list[float]:
    return [value for device, quantity, value in told if (device, quantity) == ("sensor", "temperature")]


def fault(kind: str, begin: int, end: int, **more: float | None) -> Fault:
    return replace(Fault(kind=kind, begin=begin, end=end), **more)  # type: ignore[arg-type]


def test_an_order_ends_with_its_lease() -> None:
    plant = Plant(course())
    plant.actuator.obey("heater", 1.0, 600.0, 0.0)
    lived(plant, range(20))
    assert plant.record.flowed == [1.0] * 10 + [0.0] * 10


def test_left_alone_the_device_guards_from_frost_itself() -> None:
    plant = Plant(course(weather=steady(-15.0), days=6))
    lived(plant, range(6 * 1440))
    assert any(plant.record.flowed)
    assert 4.9 < min(plant.record.air) < 5.0


def test_without_its_own_guard_it_freezes() -> None:
    plant = Plant(course(weather=steady(-15.0), days=6, hardware=Hardware(local_frost_c=None)))
    lived(plant, range(6 * 1440))
    assert min(plant.record.air) < 0.0


def test_heat_comes_after_the_dead_time() -> None:
    plant = Plant(course(house=replace(HOUSE, heater=replace(HOUSE.heater, dead_min=4))))
    lived(plant, range(10), 1.0)
    lived(plant, range(10, 20), 0.0)
    assert plant.record.heated == [0.0] * 4 + [1.0] * 10 + [0.0] * 6


@pytest.mark.parametrize(
    ("kind", "level", "flows"), [("relay_stuck_on", 0.0, 1.0), ("relay_stuck_off", 1.0, 0.0), ("heater_dead", 1.0, 0.0)]
)
def test_a_broken_relay_says_what_it_was_told_and_the_meter_what_flows(kind: str, level: float, flows: float) -> None:
    plant = Plant(course(fault(kind, 10, 30)))
    told = lived(plant, range(30), level)
    assert plant.record.flowed[:10] == [level] * 10
    assert plant.record.flowed[10:] == [flows] * 20
    assert ("heater", "switch", level) in told[-6:]
    assert ("meter", "power", flows * 7000) in told[-6:]


def test_a_second_contactor_cuts_a_welded_relay_off() -> None:
    plant = Plant(course(fault("relay_stuck_on", 0, 1440), hardware=Hardware(second_contactor=True)))
    plant.actuator.obey("contactor", 0.0, 300.0, 0.0)
    lived(plant, range(10))
    assert plant.record.flowed == [0.0] * 5 + [1.0] * 5


def test_a_limiter_keeps_a_welded_relay_from_roasting_the_room() -> None:
    plant = Plant(course(fault("relay_stuck_on", 0, 9999), days=3, hardware=Hardware(limiter_c=27.0)))
    lived(plant, range(3 * 1440))
    assert 26.5 < max(plant.record.air) < 28.0


def test_a_stuck_valve_lets_through_its_share() -> None:
    plant = Plant(course(fault("valve_stuck", 5, 10, value=0.3)))
    lived(plant, range(10), 1.0)
    assert plant.record.flowed == [1.0] * 5 + [0.3] * 5


def test_what_a_sick_thermometer_says() -> None:
    faults = (
        fault("sensor_silent", 10, 20),
        fault("sensor_stuck", 20, 30, value=None),
        fault("sensor_jump", 30, 40, value=7.0),
        fault("sensor_fahrenheit", 40, 50),
        fault("sensor_value", 50, 70, value=85.0, every_min=10.0),
    )
    told = temperatures(lived(Plant(course(*faults)), range(70), 0.3))
    well = temperatures(lived(Plant(course()), range(70), 0.3))
    assert told[:2] == well[:2]
    assert told[2:4] == [well[1]] * 2
    assert told[4:6] == pytest.approx([value + 7 for value in well[6:8]])
    assert told[6:8] == pytest.approx([value * 1.8 + 32 for value in well[8:10]])
    assert told[8:] == [85.0, well[11], 85.0, well[13]]


def test_frost_that_nobody_could_prevent_is_nobodys_fault() -> None:
    cold = steady(-15.0)
    dead = Plant(course(fault("heater_dead", 0, 9999), weather=cold, days=6))
    lived(dead, range(6 * 1440), 1.0)
    idle = Plant(course(weather=cold, days=6, hardware=Hardware(local_frost_c=None)))
    lived(idle, range(6 * 1440), 0.0)
    assert min(dead.record.air) < 5.0
    assert blame(course(fault("heater_dead", 0, 9999), weather=cold, days=6), dead.record).frost_minutes == 0
    assert blame(course(weather=cold, days=6), idle.record).frost_minutes > 1000


def test_heat_of_a_welded_relay_is_not_ours_and_heat_we_ordered_is() -> None:
    welded = course(fault("relay_stuck_on", 0, 9999), days=3)
    plant = Plant(welded)
    lived(plant, range(3 * 1440), 0.0)
    assert max(plant.record.air) > 28
    assert blame(welded, plant.record).over_limit_minutes == 0
    well = course(days=3)
    plant = Plant(well)
    lived(plant, range(3 * 1440), 1.0)
    assert blame(well, plant.record).over_limit_minutes > 100


def test_a_room_that_was_just_warm_when_its_relay_welded_is_nobodys_fault() -> None:
    welded = course(fault("relay_stuck_on", 60, 9999), days=1)
    plant = Plant(welded)
    lived(plant, range(60), 1.0)
    before_c = plant.air_c
    lived(plant, range(60, 1440), 0.0)
    assert before_c < 24.0
    assert max(plant.record.air) > 28.0
    assert blame(welded, plant.record).over_limit_minutes == 0
