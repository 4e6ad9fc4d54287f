"""Fault table: sensor stuck but reporting."""

from gateway.climate.intake import RoomIntake
from gateway.climate.words import Trust
from tests.unit.climate.intake.home import CLIMATE, Home, at


def home(**room: object) -> Home:
    found = Home(**room)
    found.says(5.0, "outside")
    return found.live(20.0)


def test_unmoved_for_three_hours_while_the_heat_swung_is_stuck() -> None:
    """Just as much heat as holds the room by the balance, so that only the swing can tell."""
    room = home(loss_duty_per_k=0.03)
    room.heat(0.0, 1.4, temp=20.0)
    assert room.heat(0.9, 1.5, temp=20.0).temp.trust is Trust.GOOD
    assert room.heat(0.9, 0.2, temp=20.0).temp.trust is Trust.STUCK


def test_unmoved_under_even_heat_is_a_quiet_room() -> None:
    room = home(loss_duty_per_k=0.03)
    assert room.heat(0.45, 12, temp=20.0).temp.trust is Trust.GOOD


def test_unmoved_while_the_other_sensor_moved_is_stuck() -> None:
    room = home(loss_duty_per_k=0.03, backup_sensor="valve")
    room.heat(0.45, 1.6, temp=20.0, backup=20.0)
    assert room.heat(0.45, 1.3, temp=20.0, backup=21.2).temp.trust is Trust.GOOD
    assert room.heat(0.45, 0.3, temp=20.0, backup=21.2).temp.trust is Trust.STUCK


def test_full_heat_that_moves_nothing_is_found_long_before_three_hours() -> None:
    room = home()
    assert room.heat(1.0, 1.2, temp=20.0).temp.trust is Trust.GOOD
    assert room.heat(1.0, 0.3, temp=20.0).temp.trust is Trust.STUCK


def test_a_cold_room_that_never_cools_is_stuck_as_well() -> None:
    room = home()
    assert room.heat(0.0, 7.0, temp=20.0).temp.trust is Trust.STUCK


def test_a_movement_clears_it() -> None:
    room = home()
    room.heat(1.0, 2.0, temp=20.0)
    room.report(24.0)
    assert room.look().temp.good == 24.0


def test_a_coarse_sensor_in_a_slow_room_is_given_time() -> None:
    room = Home(loss_duty_per_k=0.03)
    room.says(5.0, "outside")
    room.report(20.5)
    room.report(20.0)
    room.heat(0.0, 1.4, temp=20.0)
    assert room.heat(0.9, 3.0, temp=20.0).temp.trust is Trust.GOOD


def test_a_room_that_was_seen_to_be_slow_is_not_suspected() -> None:
    room = home()
    for step in range(12):
        room.heat(1.0, 1.0, temp=20.1 + 0.1 * step)
    assert room.heat(1.0, 2.0, temp=21.2).temp.trust is Trust.GOOD
    again = RoomIntake(room.room, CLIMATE)
    again.restore(room.intake.snapshot(), at(room.now_s))
    room.intake = again
    room.says(5.0, "outside")
    room.report(21.3)
    assert room.heat(1.0, 2.0, temp=21.3).temp.trust is Trust.GOOD


def test_silence_is_not_standstill() -> None:
    room = home()
    room.heat(1.0, 8.0)
    assert room.look().temp.trust is Trust.SILENT
    room.report(20.0)
    assert room.look().temp.trust is Trust.GOOD


def test_a_jump_to_a_standstill_is_stuck_and_never_believed_however_long_it_is_heated() -> None:
    room = home()
    assert room.heat(0.5, 1.5, temp=25.0).temp.trust is Trust.STUCK
    assert room.heat(1.0, 20.0, temp=25.0).temp.trust is Trust.STUCK
    assert room.look().temp.value == 20.0
    room.report(21.0)
    assert room.look().temp.good == 21.0
