import pytest

from gateway.errors import Invalid
from gateway.types import UNITS, Quantity
from gateway.wire.units import PLAUSIBLE, same_unit, to_canonical


@pytest.mark.parametrize(
    ("quantity", "value", "unit", "canonical"),
    [
        (Quantity.TEMPERATURE, 68.0, "°F", 20.0),
        (Quantity.TEMPERATURE, -40.0, "degF", -40.0),
        (Quantity.TEMPERATURE, 293.15, "K", 20.0),
        (Quantity.POWER, 1.5, "kW", 1500.0),
        (Quantity.POWER, 1500.0, "mW", 1.5),
        (Quantity.ENERGY, 1234.0, "Wh", 1.234),
        (Quantity.ENERGY, 3.6, "MJ", 1.0),
        (Quantity.HUMIDITY, 0.45, "fraction", 45.0),
        (Quantity.CO2, 0.1, "%", 1000.0),
        (Quantity.ILLUMINANCE, 1.0, "klx", 1000.0),
    ],
)
def test_conversions(quantity: Quantity, value: float, unit: str, canonical: float) -> None:
    assert to_canonical(quantity, value, unit) == pytest.approx(canonical)


@pytest.mark.parametrize("quantity", Quantity)
def test_the_canonical_unit_of_every_quantity_is_known_and_changes_nothing(quantity: Quantity) -> None:
    assert to_canonical(quantity, 1.0, UNITS[quantity]) == 1.0
    assert quantity in PLAUSIBLE


def test_a_unit_of_another_quantity_is_refused() -> None:
    with pytest.raises(Invalid, match="unit_wrong"):
        to_canonical(Quantity.TEMPERATURE, 20.0, "lx")


def test_case_matters_between_milli_and_mega() -> None:
    assert not same_unit(Quantity.POWER, "mW", "MW")
    assert same_unit(Quantity.TEMPERATURE, "C", "°C")
