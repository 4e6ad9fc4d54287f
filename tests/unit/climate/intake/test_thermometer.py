"""Fault table: implausible codes, jumps, Fahrenheit, and when to believe again."""

import math

import pytest

from gateway.climate.words import Trust
from tests.unit.climate.intake.home import Home


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (math.nan, "not_finite"),
        (math.inf, "not_finite"),
        (85.0, "error_code"),
        (-127.0, "error_code"),
        (0.0, "zero"),
        (-10.5, "out_of_range"),
        (46.0, "out_of_range"),
        (25.0, "jump"),
        (15.0, "jump"),
    ],
)
def test_a_sample_that_cannot_be_is_refused_counted_and_told(value: float, key: str) -> None:
    home = Home().live(20.0)
    home.report(value)
    assert home.look().temp.good == 20.0
    assert home.look().temp.refused_s == 0.0
    assert dict(home.intake.counts) == {key: 1}
    home.report(20.1)
    assert home.look().temp.good == 20.1


@pytest.mark.parametrize("value", [85.0, 0.0, -10.5])
def test_only_wrong_samples_are_not_to_be_believed_after_a_quarter_of_an_hour(value: float) -> None:
    home = Home().live(20.0)
    home.report(value, times=3)
    assert home.look().temp.trust is Trust.GOOD
    home.report(value)
    assert home.look().temp.trust is Trust.IMPLAUSIBLE
    home.report(value, times=200)
    assert home.look().temp.trust is Trust.IMPLAUSIBLE
    assert home.look().temp.value == 20.0


def test_an_error_code_is_no_first_word() -> None:
    home = Home()
    home.report(85.0)
    home.report(0.0)
    assert home.look().temp.value is None
    assert home.look().temp.trust is Trust.IMPLAUSIBLE


def test_fahrenheit_is_repaired_where_it_follows_on() -> None:
    home = Home().live(20.0)
    for value in (68.2, 68.4, 69.0):
        home.report(value)
    assert home.look().temp.good == pytest.approx((69.0 - 32) / 1.8)
    assert dict(home.intake.counts) == {"fahrenheit": 3}
    home.report(20.5)
    assert home.look().temp.good == 20.5


def test_fahrenheit_from_the_first_word_on() -> None:
    home = Home()
    home.report(70.0)
    assert home.look().temp.good == pytest.approx(21.11, abs=0.01)


def test_a_cold_spell_outside_is_no_battery_death() -> None:
    home = Home()
    home.says(0.0, "outside")
    assert home.look().outdoor.good == 0.0


def test_a_jump_is_believed_in_time_where_it_lives_and_its_doubt_is_told() -> None:
    """The sensor was moved to a warmer place, or has a fault: the room may still be as cold as it would be without."""
    home = Home().live(20.0)
    home.live(26.0, hours=11)
    assert home.look().temp.trust is Trust.IMPLAUSIBLE
    home.live(26.0, hours=2)
    assert home.look().temp.good == 26.0
    assert home.look().temp.doubt == pytest.approx(6.0, abs=0.2)
    home.live(26.0, hours=75)
    assert home.look().temp.doubt == 0.0


def test_what_the_room_did_meanwhile_is_no_part_of_the_doubt() -> None:
    """A sensor 9 K too low, in a room that is warmed blindly: the limit is to count from where the room really is."""
    home = Home().live(20.0)
    for hour in range(13):
        home.live(11.0 + hour * 0.2, hours=1)
    seen = home.look().temp
    assert seen.good == pytest.approx(13.4, abs=0.2)
    assert seen.good is not None
    assert seen.good - seen.doubt == pytest.approx(22.4, abs=0.3)


def test_steps_on_the_way_are_part_of_the_doubt() -> None:
    home = Home().live(20.0)
    home.live(26.0, hours=1)
    home.live(29.0, hours=13)
    assert home.look().temp.doubt == pytest.approx(9.0, abs=0.2)


def test_lies_that_come_near_are_doubted_still() -> None:
    """9 K too low, in a room that is warmed blindly until what is said lies where the room had been."""
    home = Home().live(17.6)
    for step in range(18):
        home.live(8.8 + step * 0.25, hours=0.5)
    seen = home.look().temp
    assert seen.good == pytest.approx(13.1, abs=0.2)
    assert seen.good is not None
    assert seen.good - seen.doubt == pytest.approx(21.9, abs=0.3)
    home.report(21.9)
    assert home.look().temp.good == 21.9
    assert home.look().temp.doubt == 0.0


def test_a_room_that_was_aired_warms_up_without_a_doubt() -> None:
    home = Home().live(21.0)
    for value in (15.0, *(15.0 + 0.3 * step for step in range(12))):
        home.report(value)
    assert home.look().temp.good == pytest.approx(18.3)
    assert home.look().temp.doubt == 0.0


def test_a_jump_that_stands_still_is_never_believed() -> None:
    home = Home().live(20.0)
    home.report(26.0, times=4)
    assert home.look().temp.trust is Trust.IMPLAUSIBLE
    home.report(26.0, times=600)
    assert home.look().temp.trust is Trust.STUCK
    assert home.look().temp.value == 20.0


def test_a_jump_that_the_other_sensor_bears_out_is_believed_after_ten_minutes() -> None:
    home = Home(backup_sensor="valve")
    for number in range(320):
        home.now_s += 300
        home.says(20.0 + 0.1 * (number % 2))
        home.says(20.0, "valve")
        home.look()
    for value in (16.5, 16.6, 16.5):
        home.now_s += 300
        home.says(17.1, "valve")
        home.says(value)
    assert home.look().temp.good == 16.5
    assert home.look().temp.doubt == 0.0


def test_the_way_back_from_a_believed_jump_ends_the_doubt_at_once() -> None:
    home = Home().live(20.0)
    home.live(26.0, hours=13)
    assert home.look().temp.doubt
    home.report(19.0)
    assert home.look().temp.good == 19.0
    assert home.look().temp.doubt == 0.0


def test_who_comes_back_from_a_fault_may_have_changed_meanwhile() -> None:
    home = Home().live(20.0)
    home.live(28.0, hours=4)
    home.report(15.0)
    assert home.look().temp.good == 15.0


def test_a_new_sensor_settles_within_a_quarter_of_an_hour() -> None:
    home = Home()
    home.report(8.0)
    for value in (19.0, 19.1, 19.2):
        home.report(value)
    assert home.look().temp.good == 19.2


def test_a_room_may_change_much_in_a_long_silence() -> None:
    home = Home().live(20.0)
    home.report(12.0, every_s=7200.0)
    assert home.look().temp.good == 12.0
    home.report(25.0, every_s=7 * 3600.0)
    assert home.look().temp.good == 25.0


def test_open_windows_cool_fast_but_not_impossibly_fast() -> None:
    home = Home().live(20.0)
    for value in (17.2, 14.5, 12.0, 9.8):
        home.report(value)
    assert home.look().temp.good == 9.8
    assert not home.intake.counts
