"""A room's intake with a clock, told things as its devices would."""

from datetime import UTC, datetime, timedelta

from gateway.climate.intake import RoomIntake
from gateway.climate.words import Moment, Observed
from gateway.config.climate import Climate, Room
from gateway.types import BOOT_ID, UNITS, Quality, Quantity, Reading, Stamp

START = datetime(2026, 1, 10, tzinfo=UTC)
CLIMATE = Climate(outdoor="outside", phones=("anna", "ben"), solar_sensor="roof")


def at(mono_s: float, wall_s: float | None = None) -> Moment:
    return Moment(mono_s=mono_s, wall=START + timedelta(seconds=mono_s if wall_s is None else wall_s))


class Home:
    def __init__(self, **room: object) -> None:
        self.room = Room.model_validate({"name": "living", "sensor": "thermo", "heater": "relay", **room})
        self.intake = RoomIntake(self.room, CLIMATE)
        self.now_s = 1000.0

    def says(
        self,
        value: float,
        device: str = "thermo",
        quantity: Quantity = Quantity.TEMPERATURE,
        *,
        at_s: float | None = None,
        unit: str | None = None,
        quality: Quality = Quality.GOOD,
        boot: str = BOOT_ID,
    ) -> None:
        """A reading arrives now; it was measured at `at_s`."""
        measured_s = self.now_s if at_s is None else at_s
        stamp = Stamp(wall=START + timedelta(seconds=measured_s), mono_ns=round(measured_s * 1e9), boot=boot)
        told = unit or UNITS[quantity]
        reading = Reading(device=device, quantity=quantity, value=value, unit=told, stamp=stamp, quality=quality)
        self.intake.hear(reading, at(self.now_s))

    def report(self, value: float, times: int = 1, every_s: float = 300.0) -> None:
        """The room's sensor says `value`, `times` times, the last time now."""
        for _ in range(times):
            self.now_s += every_s
            self.says(value)

    def live(self, value: float = 20.0, hours: float = 25.0, *, more: float = 0.0) -> "Home":
        """Hours of a sensor that moves as sensors do, then `value`."""
        for number in range(round(hours * 12)):
            self.report(value + more + 0.1 * (number % 2))
        self.report(value + more)
        return self

    def look(self) -> Observed:
        return self.intake.observe(at(self.now_s))

    def heat(self, duty: float, hours: float, *, temp: float | None = None, backup: float | None = None) -> Observed:
        """The heater runs so long, a tick a minute, while the sensors say the same every five minutes."""
        for minute in range(round(hours * 60)):
            self.now_s += 60.0
            if minute % 5 == 0:
                for device, value in (("thermo", temp), ("valve", backup)):
                    if value is not None:
                        self.says(value, device)
            self.look()
            self.intake.drove(duty, at(self.now_s))
        return self.look()
