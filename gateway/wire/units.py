"""Units: what devices send and the one canonical unit that Hearthgate carries (`gateway.types.UNITS`)."""

from collections.abc import Mapping
from types import MappingProxyType

from gateway.errors import Invalid
from gateway.types import Quantity

_Linear = tuple[float, float]
"""scale, offset: canonical = value * scale + offset."""

_SAME: _Linear = (1.0, 0.0)
_FAHRENHEIT: _Linear = (5.0 / 9.0, -160.0 / 9.0)
_FRACTION: _Linear = (100.0, 0.0)
_BOOLEAN: Mapping[str, _Linear] = MappingProxyType({"bool": _SAME, "": _SAME})

_CONVERSIONS: Mapping[Quantity, Mapping[str, _Linear]] = MappingProxyType(
    {
        Quantity.TEMPERATURE: {
            "degC": _SAME,
            "°C": _SAME,
            "C": _SAME,
            "degF": _FAHRENHEIT,
            "°F": _FAHRENHEIT,
            "F": _FAHRENHEIT,
            "K": (1.0, -273.15),
            "m°C": (1e-3, 0.0),
        },
        Quantity.HUMIDITY: {"%": _SAME, "%RH": _SAME, "fraction": _FRACTION},
        Quantity.ILLUMINANCE: {"lx": _SAME, "lux": _SAME, "klx": (1e3, 0.0), "fc": (10.763910416709722, 0.0)},
        Quantity.POWER: {"W": _SAME, "mW": (1e-3, 0.0), "kW": (1e3, 0.0), "MW": (1e6, 0.0)},
        Quantity.ENERGY: {
            "kWh": _SAME,
            "Wh": (1e-3, 0.0),
            "MWh": (1e3, 0.0),
            "Wmin": (1e-3 / 60, 0.0),
            "J": (1 / 3.6e6, 0.0),
            "kJ": (1 / 3.6e3, 0.0),
            "MJ": (1 / 3.6, 0.0),
        },
        Quantity.CO2: {"ppm": _SAME, "ppb": (1e-3, 0.0), "%": (1e4, 0.0)},
        Quantity.CONTACT: _BOOLEAN,
        Quantity.OCCUPANCY: _BOOLEAN,
        Quantity.SWITCH: _BOOLEAN,
    }
)

BOOLEANS = frozenset({Quantity.CONTACT, Quantity.OCCUPANCY, Quantity.SWITCH})

PLAUSIBLE: Mapping[Quantity, tuple[float, float]] = MappingProxyType(
    {
        Quantity.TEMPERATURE: (-60.0, 125.0),  # catches the -127 of a lost DS18B20; flow pipes do reach 90
        Quantity.HUMIDITY: (0.0, 100.0),
        Quantity.ILLUMINANCE: (0.0, 200_000.0),
        Quantity.POWER: (-100_000.0, 100_000.0),  # a roof feeds in
        Quantity.ENERGY: (0.0, 1e9),
        Quantity.CO2: (250.0, 40_000.0),
        Quantity.CONTACT: (0.0, 1.0),
        Quantity.OCCUPANCY: (0.0, 1.0),
        Quantity.SWITCH: (0.0, 1.0),
    }
)
"""Closed ranges, canonical units; a value outside is SUSPECT unless the sensor's own range says otherwise."""


def units_of(quantity: Quantity) -> tuple[str, ...]:
    """The units a sensor may send for `quantity`, the canonical one first; none for what is true or false."""
    return () if quantity in BOOLEANS else tuple(_CONVERSIONS[quantity])


def to_canonical(quantity: Quantity, value: float, unit: str) -> float:
    """`value` in `UNITS[quantity]`. Units are case-sensitive: mW is not MW. Raises `Invalid` ("unit_wrong")."""
    try:
        scale, offset = _CONVERSIONS[quantity][unit]
    except KeyError as error:
        raise Invalid("unit_wrong", quantity=quantity.value, unit=unit) from error
    return value * scale + offset


def same_unit(quantity: Quantity, one: str, other: str) -> bool:
    """Whether two spellings mean one unit of `quantity`."""
    known = _CONVERSIONS[quantity]
    return one in known and other in known and known[one] == known[other]
