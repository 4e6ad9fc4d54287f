"""Fault table: sensor silent, stuck or not to be believed. Simulated with a room of one store and a slow envelope."""

import pytest

from gateway.climate.words import Alarm, Law, Mode, Trust
from tests.unit.climate.supervisor.rig import Rig, good, lost
from tests.unit.climate.supervisor.room import LEAKY, TIGHT, House


@pytest.mark.parametrize(
    ("trust", "alarm"),
    [
        (Trust.SILENT, Alarm.SENSOR_LOST),
        (Trust.STUCK, Alarm.SENSOR_STUCK),
        (Trust.IMPLAUSIBLE, Alarm.SENSOR_IMPLAUSIBLE),
    ],
)
def test_a_sensor_that_is_not_to_be_trusted_is_told_and_does_not_heat(trust: Trust, alarm: Alarm) -> None:
    rig = Rig()
    rig.run(1800, duty=1.0, temp=good(20.0), outdoor=good(19.0))
    ruling = rig.run(7200, temp=lost(trust))
    assert ruling.alarms == {alarm}
    assert ruling.law is Law.GUARD
    assert not ruling.heating


def test_a_refused_sample_is_told_for_an_hour_though_the_sensor_is_good() -> None:
    rig = Rig()
    assert rig.tick(temp=good(20.0, refused_s=3599.0)).alarms == {Alarm.SENSOR_IMPLAUSIBLE}
    assert rig.tick(temp=good(20.0, refused_s=3600.0)).alarms == frozenset()


def test_a_sensor_not_heard_yet_is_waited_for_a_quarter_of_an_hour() -> None:
    rig = Rig()
    ruling = rig.run(840, temp=lost(Trust.MISSING), duty=1.0)
    assert not ruling.heating
    assert not ruling.alarms
    assert Alarm.SENSOR_LOST in rig.run(300).alarms
    assert any(ruling.heating for _, ruling in rig.log if rig.run(3600))


@pytest.mark.parametrize("house", [LEAKY, TIGHT])
@pytest.mark.parametrize("outdoor_c", [-8.0, 5.0])
def test_sixty_hours_without_a_thermometer_neither_freeze_nor_cook(house: House, outdoor_c: float) -> None:
    """After five days in which the room's line could be learned; then it gets ten degrees colder outside."""
    room = house.settled(outdoor_c)
    rig = Rig()
    room.live(rig, hours=5 * 24, outdoor_c=outdoor_c)
    lowest, highest = room.live(rig, hours=60, outdoor_c=outdoor_c - 10.0, sensor=False)
    assert lowest > 10.0
    assert highest < 27.0


@pytest.mark.parametrize("house", [LEAKY, TIGHT])
def test_nor_with_no_outdoor_temperature_either(house: House) -> None:
    room = house.settled(0.0)
    rig = Rig()
    room.live(rig, hours=5 * 24, outdoor_c=0.0)
    lowest, highest = room.live(rig, hours=60, outdoor_c=0.0, sensor=False, outdoor_sensor=False)
    assert lowest > 10.0
    assert highest < 27.0


def test_what_was_learned_of_the_losses_survives_a_restart() -> None:
    room = TIGHT.settled(0.0)
    rig = Rig()
    room.live(rig, hours=5 * 24, outdoor_c=0.0)
    rig.restarted()
    _, highest = room.live(rig, hours=60, outdoor_c=0.0, sensor=False)
    assert highest < 27.0


def test_a_configured_loss_is_believed_from_the_first_hour() -> None:
    room = TIGHT.settled(-5.0)
    rig = Rig(loss_duty_per_k=TIGHT.loss)
    lowest, highest = room.live(rig, hours=60, outdoor_c=-5.0, sensor=False)
    assert lowest > 14.0
    assert highest < 24.0


@pytest.mark.parametrize("house", [LEAKY, TIGHT])
def test_the_other_sensor_holds_what_is_wanted(house: House) -> None:
    room = house.settled(0.0)
    rig = Rig(backup_sensor="valve")
    room.live(rig, hours=24, outdoor_c=0.0, sensor=False, backup=True)
    lowest, highest = room.live(rig, hours=48, outdoor_c=0.0, sensor=False, backup=True)
    assert lowest > 19.0
    assert highest < 23.5


def test_off_without_a_thermometer_keeps_the_room_from_freezing() -> None:
    room = LEAKY.settled(0.0)
    rig = Rig()
    room.live(rig, hours=3 * 24, outdoor_c=0.0)
    rig.mode = Mode.OFF
    lowest, highest = room.live(rig, hours=60, outdoor_c=-10.0, sensor=False)
    assert lowest > 7.0
    assert highest < 22.0


def test_blind_heat_comes_in_slow_pulses() -> None:
    room = LEAKY.settled(0.0)
    rig = Rig()
    room.live(rig, hours=24, outdoor_c=0.0, sensor=False)
    assert 10 <= len(rig.switched()) / 2 <= 48
