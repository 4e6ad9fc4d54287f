"""What a sensor says, in one canonical unit per quantity."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.types.stamp import Stamp


class Quality(StrEnum):
    GOOD = "good"
    STALE = "stale"
    SUSPECT = "suspect"


class Quantity(StrEnum):
    """What is measured; `UNITS` gives the one unit it is carried in."""

    TEMPERATURE = "temperature"
    HUMIDITY = "humidity"
    ILLUMINANCE = "illuminance"
    POWER = "power"
    ENERGY = "energy"
    CO2 = "co2"
    CONTACT = "contact"
    OCCUPANCY = "occupancy"
    SWITCH = "switch"


UNITS: dict[Quantity, str] = {
    Quantity.TEMPERATURE: "degC",
    Quantity.HUMIDITY: "%",
    Quantity.ILLUMINANCE: "lx",
    Quantity.POWER: "W",
    Quantity.ENERGY: "kWh",
    Quantity.CO2: "ppm",
    Quantity.CONTACT: "bool",
    Quantity.OCCUPANCY: "bool",
    Quantity.SWITCH: "bool",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value of one quantity of one device, in `UNITS[quantity]`; booleans travel as 0.0 and 1.0."""

    device: str
    quantity: Quantity
    value: float
    unit: str
    stamp: Stamp
    quality: Quality = Quality.GOOD
