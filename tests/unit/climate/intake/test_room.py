"""What comes in from a room's devices, and what is believed of it."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from gateway.climate.intake import RoomIntake
from gateway.climate.words import Moment, Observed, Trust
from gateway.config.climate import Climate, Room
from gateway.types import UNITS, Quality, Quantity, Reading, Stamp

START = datetime(2026, 1, 10, tzinfo=UTC)


def at(mono_s: float) -> Moment:
    return Moment(mono_s=mono_s, wall=START + timedelta(seconds=mono_s))


def reading(
    device: str,
    value: float,
    at_s: float,
    quantity: Quantity = Quantity.TEMPERATURE,
    *,
    unit: str = "",
    quality: Quality = Quality.GOOD,
    boot: str = "",
) -> Reading:
    stamp = Stamp(wall=START + timedelta(seconds=at_s), mono_ns=round(at_s * 1e9))
    if boot:
        stamp = Stamp(wall=stamp.wall, mono_ns=stamp.mono_ns, boot=boot)
    return Reading(
        device=device,
        quantity=quantity,
        value=value,
        unit=unit or UNITS[quantity],
        stamp=stamp,
        quality=quality,
    )


class Home:
    """A room's intake with a clock."""

    def __init__(self, **room: object) -> None:
        self.room = Room.model_validate({"name": "living", "sensor": "thermo", "heater": "relay", **room})
        climate = Climate(outdoor="outside", phones=("anna", "ben"), solar_sensor="roof")
        self.intake = RoomIntake(self.room, climate)
        self.now_s = 1000.0

    def says(self, value: float, device: str = "thermo", quantity: Quantity = Quantity.TEMPERATURE) -> None:
        self.intake.hear(reading(device, value, self.now_s, quantity), at(self.now_s))

    def report(self, value: float, times: int = 1, every_s: float = 300.0) -> None:
        """The room's sensor says `value`, `times` times, the last time now."""
        for _ in range(times):
            self.now_s += every_s
            self.says(value)

    def settled(self, value: float = 20.0, hours: float = 25.0) -> "Home":
        """Known for longer than a day, and moving as sensors do."""
        for number in range(round(hours * 12)):
            self.report(value + 0.1 * (number % 2))
        self.report(value)
        return self

    def look(self) -> Observed:
        return self.intake.observe(at(self.now_s))


def test_nothing_heard_is_missing() -> None:
    seen = Home().look()
    assert seen.temp.trust is Trust.MISSING
    assert seen.temp.value is None
    assert seen.backup.value is None
    assert seen.window is None
    assert seen.motion_s is None


def test_a_reading_is_observed_with_its_age_and_calibration() -> None:
    home = Home(offset_c=-0.4)
    home.report(20.5)
    home.now_s += 60
    assert home.look().temp.good == pytest.approx(20.1)
    assert home.look().temp.age_s == pytest.approx(60)
    assert not home.intake.counts


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
    home = Home().settled(20.0)
    home.report(value)
    assert home.look().temp.good == 20.0
    assert home.look().temp.refused_s == 0.0
    assert dict(home.intake.counts) == {key: 1}
    home.report(20.1)
    assert home.look().temp.good == 20.1
