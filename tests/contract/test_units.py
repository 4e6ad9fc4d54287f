"""The configuration accepts exactly the units that the sources can convert."""

import pytest

from gateway.config.devices import UNITS_SENT, Sensor
from gateway.sources.quantities import _CONVERSIONS, BOOLEANS
from gateway.sources.sensor import SensorSpec
from gateway.types import Quantity


@pytest.mark.parametrize("quantity", Quantity)
def test_config_and_sources_agree(quantity: Quantity) -> None:
    known = set() if quantity in BOOLEANS else set(_CONVERSIONS[quantity])
    assert set(UNITS_SENT.get(quantity, ())) == known


@pytest.mark.parametrize(("quantity", "unit"), [(q, unit) for q, units in UNITS_SENT.items() for unit in units])
def test_a_configured_sensor_is_one_the_sources_take(quantity: Quantity, unit: str) -> None:
    sensor = Sensor(device="a", quantity=quantity, topic="t", unit=unit)
    assert SensorSpec(device=sensor.device, quantity=quantity, topic="t", unit=unit).source_unit == unit
