import pytest

from services.simhouse.physics import Fabric, Warmth, warm

FABRIC = Fabric()
HOUR_S = 3600.0
START = Warmth(air_c=19.0, envelope_c=18.0, outdoor_c=5.0)


@pytest.mark.parametrize("heating", [True, False])
def test_heat_is_stored_or_lost_and_nothing_else(heating: bool) -> None:
    after = warm(START, 12 * HOUR_S, heating=heating, fabric=FABRIC)
    stored = after.stored_kwh(FABRIC) - START.stored_kwh(FABRIC)
    assert stored == pytest.approx(after.heated_kwh - after.lost_kwh, abs=1e-9)
    assert after.heated_kwh == pytest.approx(12 * FABRIC.heater_kw if heating else 0.0)


def test_without_heat_the_room_becomes_as_cold_as_the_outside() -> None:
    after = warm(START, 20 * 24 * HOUR_S, heating=False, fabric=FABRIC)
    assert after.air_c == pytest.approx(5.0, abs=0.01)
    assert after.envelope_c == pytest.approx(5.0, abs=0.01)
    assert after.sensor_c == pytest.approx(5.0, abs=0.01)


def test_with_steady_heat_it_settles_where_the_loss_equals_the_heat() -> None:
    after = warm(START, 20 * 24 * HOUR_S, heating=True, fabric=FABRIC)
    assert after.air_c - 5.0 == pytest.approx(FABRIC.heater_kw / FABRIC.loss_kw_k, abs=0.01)


def test_the_loss_per_kelvin_is_that_of_the_documented_room() -> None:
    assert FABRIC.loss_kw_k * 1000 == pytest.approx(38.4, abs=0.05)


def test_the_sensor_lags_behind_the_air() -> None:
    early = warm(START, 120.0, heating=True, fabric=FABRIC)
    assert START.sensor_c < early.sensor_c < early.air_c


def test_long_and_short_steps_agree() -> None:
    once = warm(START, 600.0, heating=True, fabric=FABRIC)
    often = START
    for _ in range(600):
        often = warm(often, 1.0, heating=True, fabric=FABRIC)
    assert once.air_c == pytest.approx(often.air_c, abs=0.01)


def test_no_time_changes_nothing() -> None:
    assert warm(START, 0.0, heating=True, fabric=FABRIC) == START
