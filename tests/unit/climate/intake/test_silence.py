"""Fault table: sensor silent. "Unchanged" is not "silent": what counts is when the device was last heard."""

import pytest

from gateway.climate.words import Trust
from gateway.types import Quantity
from tests.unit.climate.intake.home import Home


@pytest.mark.parametrize(("every_s", "limit_s"), [(60.0, 900.0), (300.0, 900.0), (900.0, 1800.0), (2700.0, 3600.0)])
def test_silence_is_twice_the_median_interval_within_15_to_60_minutes(every_s: float, limit_s: float) -> None:
    home = Home()
    home.report(20.0, times=20, every_s=every_s)
    home.now_s += limit_s
    assert home.look().temp.good == 20.0
    home.now_s += 1
    assert home.look().temp.trust is Trust.SILENT
    assert home.look().temp.value == 20.0
    home.report(20.5)
    assert home.look().temp.good == 20.5


def test_a_device_that_tells_its_humidity_is_not_silent() -> None:
    home = Home()
    home.report(20.0)
    for _ in range(30):
        home.now_s += 300
        home.says(45.0, quantity=Quantity.HUMIDITY)
    seen = home.look()
    assert seen.temp.good == 20.0
    assert seen.temp.age_s == pytest.approx(9000)
    assert seen.temp.seen_s == 0.0


def test_values_in_one_breath_do_not_make_a_device_hasty() -> None:
    home = Home()
    for _ in range(20):
        home.now_s += 1200
        home.says(20.0)
        home.says(45.0, quantity=Quantity.HUMIDITY)
        home.says(600.0, quantity=Quantity.CO2)
    home.now_s += 2300
    assert home.look().temp.trust is Trust.GOOD
