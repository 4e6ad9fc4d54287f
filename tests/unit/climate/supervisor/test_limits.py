"""User in `off` in winter, hostile set-points, the hard limit, floor heating and cooling, longest heat, clock."""

import math
from dataclasses import replace

import pytest

from gateway.climate.words import Alarm, Law, Mode
from tests.unit.climate.supervisor.rig import Rig, good, lost


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("clock", [True, False])
def test_the_frost_guard_acts_in_every_mode_with_no_clock_and_no_plan(mode: Mode, clock: bool) -> None:
    rig = Rig()
    ruling = rig.run(600, mode=mode, clock=clock, duty=math.nan, temp=good(6.9), target_c=5.0)
    assert ruling.heating
    assert ruling.law is Law.GUARD
    assert Alarm.FROST in ruling.alarms


def test_the_frost_guard_begins_before_its_temperature_and_ends_above_it() -> None:
    rig = Rig()
    rig.run(600, mode=Mode.OFF, temp=good(7.6))
    assert not rig.log[-1][1].heating
    assert rig.run(600, temp=good(7.4)).heating
    assert rig.run(600, temp=good(8.4)).heating
    assert not rig.run(600, temp=good(8.6)).heating


def test_the_frost_guard_goes_by_the_coldest_that_the_room_may_be() -> None:
    """A sensor that jumped by 8 K without a reason may lie."""
    rig = Rig()
    assert rig.run(600, mode=Mode.OFF, temp=good(15.0, doubt=8.0)).heating


def test_the_frost_guard_uses_the_other_sensor() -> None:
    rig = Rig(backup_sensor="valve")
    assert rig.run(600, mode=Mode.OFF, temp=lost(), seen={"backup": good(7.0)}).heating


def test_off_is_off_above_frost() -> None:
    rig = Rig()
    assert not rig.heated(mode=Mode.OFF).heating


def test_no_heat_above_the_hard_limit_nor_so_near_that_the_emitter_carries_it_over() -> None:
    rig = Rig()
    assert rig.heated(temp=good(26.4), target_c=30.0).heating
    ruling = rig.tick(temp=good(26.6))
    assert not ruling.heating
    assert "28.0" in ruling.why
    assert not rig.run(3600, temp=good(26.3)).heating
    assert rig.run(600, temp=good(26.1)).heating


def test_the_hard_limit_ends_the_shortest_on_time() -> None:
    rig = Rig()
    rig.run(300, duty=1.0)
    assert rig.log[-1][1].heating
    assert not rig.tick(temp=good(28.0)).heating


def test_the_hard_limit_is_reached_early_by_a_steep_rise() -> None:
    rig = Rig(limits={"high_c": 30.0})
    rig.heated()
    temp = 20.0
    while rig.tick(temp=good(temp)).heating:
        temp += 0.2
    assert 26.0 < temp < 28.5


def test_a_heated_room_is_taken_for_warmer_the_longer_its_sensor_is_quiet() -> None:
    rig = Rig()
    assert rig.heated(temp=replace(good(25.5), age_s=1200.0)).heating
    assert not rig.tick(temp=replace(good(25.5), age_s=2400.0)).heating


def test_the_hard_limit_goes_by_the_hottest_that_the_room_may_be() -> None:
    rig = Rig()
    assert not rig.heated(temp=good(19.0, doubt=-8.0)).heating


def test_too_hot_is_told_whoever_heats() -> None:
    assert Alarm.TOO_HOT in Rig().tick(temp=good(28.0)).alarms


def test_an_overshoot_is_learned_and_survives_a_restart() -> None:
    rig = Rig()
    rig.heated(temp=good(21.0))
    rig.tick(duty=0.0)
    rig.run(4200, temp=good(23.9))
    rig.restarted()
    assert rig.heated(temp=good(24.4), target_c=30.0).heating
    assert not rig.tick(temp=good(24.6)).heating


@pytest.mark.parametrize("target_c", [math.nan, math.inf, -math.inf, 99.0, -40.0, 30.1])
def test_hostile_set_points_are_told_and_held_within_limits(target_c: float) -> None:
    rig = Rig(backup_sensor="valve")
    ruling = rig.run(1200, target_c=target_c, duty=1.0, temp=good(27.0))
    assert Alarm.SETPOINT_REJECTED in ruling.alarms
    assert not ruling.heating
    rig.run(7200, temp=lost(), seen={"backup": good(27.0)})
    assert not rig.log[-1][1].heating


@pytest.mark.parametrize("duty", [math.nan, math.inf, -math.inf])
def test_a_law_that_is_no_number_heats_nothing_and_is_told(duty: float) -> None:
    ruling = Rig().run(600, duty=duty)
    assert Alarm.MODEL_FAULT in ruling.alarms
    assert not ruling.heating


def test_a_floor_is_held_under_its_limit() -> None:
    rig = Rig(emitter="floor", floor_sensor="pipe")
    assert rig.heated(seen={"floor": good(28.9)}).heating
    assert not rig.tick(seen={"floor": good(29.0)}).heating
    assert not rig.run(600, seen={"floor": good(28.2)}).heating
    assert rig.run(600, seen={"floor": good(27.9)}).heating


def test_the_longest_heat_is_followed_by_a_pause_unless_the_room_gets_colder() -> None:
    rig = Rig(limits={"max_on_s": 7200})
    rig.run(6 * 3600, duty=1.0, temp=good(19.0))
    assert len(rig.switched()) > 2
    rig = Rig(limits={"max_on_s": 7200})
    rig.run(600, duty=1.0, temp=good(19.0))
    rig.run(6 * 3600, temp=good(18.5))
    assert len(rig.switched()) == 1


def test_no_clock_is_told() -> None:
    rig = Rig()
    assert Alarm.CLOCK in rig.tick(clock=False).alarms
    assert Alarm.CLOCK not in rig.tick(clock=True).alarms


@pytest.mark.parametrize("by_s", [-1e6, -120.0, 120.0, 1e6])
def test_a_clock_that_jumps_is_told_and_switches_nothing(by_s: float) -> None:
    rig = Rig()
    rig.heated()
    rig.log.clear()
    assert Alarm.CLOCK in rig.tick(wall_off_s=by_s).alarms
    assert Alarm.CLOCK not in rig.run(3660).alarms
    assert rig.switched() == []


@pytest.mark.parametrize(
    ("room", "seen", "cools"),
    [
        ({}, {}, True),
        ({}, {"humidity": good(60.0)}, True),
        ({}, {"humidity": good(95.0)}, False),
        ({"emitter": "floor"}, {}, False),
        ({"emitter": "floor"}, {"humidity": good(60.0), "floor": good(21.0)}, True),
        ({"emitter": "floor"}, {"humidity": good(60.0), "floor": good(19.0)}, False),
    ],
)
def test_cooling_keeps_surfaces_two_kelvin_above_the_dew_point(
    room: dict[str, object], seen: dict[str, object], cools: bool
) -> None:
    """26 degC and 60 % have their dew point at 17.6 degC, 95 % at 25.1."""
    rig = Rig(cooler="ac", **room)
    ruling = rig.run(600, mode=Mode.COOL, duty=-1.0, temp=good(26.0), seen=seen)
    assert ruling.cooling is cools
    assert rig.state("ac") is cools


def test_no_cooling_without_a_thermometer_nor_below_16_degrees() -> None:
    rig = Rig(cooler="ac")
    assert not rig.run(600, mode=Mode.COOL, duty=-1.0, temp=good(15.9)).cooling
    assert not rig.run(600, temp=lost()).cooling


def test_heating_does_not_cool_nor_cooling_heat() -> None:
    rig = Rig(cooler="ac")
    assert not rig.run(600, mode=Mode.HEAT, duty=-1.0, temp=good(26.0)).cooling
    assert not rig.run(600, mode=Mode.COOL, duty=1.0).heating


def test_heater_and_cooler_never_run_together() -> None:
    rig = Rig(cooler="ac", limits={"min_on_s": 600})
    for _ in range(200):
        ruling = rig.run(300, duty=-rig.duty if rig.duty else 1.0, temp=good(22.0))
        assert not (ruling.heating and ruling.cooling)
    assert any(ruling.cooling for _, ruling in rig.log)
    assert any(ruling.heating for _, ruling in rig.log)
