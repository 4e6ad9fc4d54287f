"""What a forecast is made from is relative, complete without extra sensors, and knows nothing of what comes later."""

import numpy as np
import pytest

from gateway.climate.forecast.features import AHEAD_S, NAMES, changes, features
from gateway.climate.forecast.past import COLUMNS, Past, Series
from gateway.climate.history import STEP_S, History

DAY = 86400.0
TIMES = np.arange(0, 10 * DAY, 600.0)
ORIGINS = TIMES[TIMES >= 8 * DAY][::7]


def wave(times: np.ndarray, shift: float = 0.0) -> np.ndarray:
    return 20 + np.sin(2 * np.pi * times / DAY + shift)


def past(**columns: np.ndarray) -> Past:
    return Past(series={name: Series.known(TIMES, values) for name, values in columns.items()})


def column(table: np.ndarray, name: str) -> np.ndarray:
    return table[:, NAMES.index(name)]


def test_between_28_and_60_inputs() -> None:
    assert 28 <= len(NAMES) <= 60
    assert len(set(NAMES)) == len(NAMES)


def test_a_warmer_house_of_the_same_course_is_the_same_house() -> None:
    cool = past(temp_c=wave(TIMES), outdoor_c=wave(TIMES) - 15, target_c=wave(TIMES, 1))
    warm = past(temp_c=wave(TIMES) + 3, outdoor_c=wave(TIMES) - 12, target_c=wave(TIMES, 1) + 3)
    assert features(warm, ORIGINS) == pytest.approx(features(cool, ORIGINS), abs=1e-4)


def test_nothing_that_came_later_is_known() -> None:
    columns = {name: wave(TIMES, place) for place, name in enumerate(COLUMNS)}
    others = {name: np.where(ORIGINS[20] < TIMES, 31.0, values) for name, values in columns.items()}
    whole, cut = features(past(**columns), ORIGINS), features(past(**others), ORIGINS)
    assert (whole[:21] == cut[:21]).all()
    assert (whole[21:] != cut[21:]).any(axis=1).all()


def test_a_room_with_nothing_but_a_thermometer_has_all_inputs() -> None:
    table = features(past(temp_c=wave(TIMES)), ORIGINS)
    assert np.isfinite(table).all()
    for name in ("outdoor", "wanted", "light", "humid", "duty"):
        assert not column(table, name).any()


def test_without_a_temperature_there_are_no_inputs() -> None:
    temps = np.where((TIMES > 8.4 * DAY) & (TIMES < 8.8 * DAY), np.nan, wave(TIMES))
    table = features(past(temp_c=temps), ORIGINS)
    silent = (ORIGINS > 8.45 * DAY) & (ORIGINS < 8.8 * DAY)
    assert np.isnan(table[silent]).all()
    assert np.isfinite(table[ORIGINS <= 8.4 * DAY]).all()


def test_a_set_point_holds_until_the_next_and_a_reading_only_for_an_hour() -> None:
    once = np.where(TIMES[0] == TIMES, 21.0, np.nan)
    table = features(past(temp_c=np.full_like(TIMES, 20.0), target_c=once, humidity=once), ORIGINS)
    assert column(table, "wanted") == pytest.approx(1.0)
    assert not column(table, "humid").any()


def test_the_change_is_that_of_half_an_hour_to_six_hours_later() -> None:
    rising = past(temp_c=TIMES / 3600)
    assert changes(rising, ORIGINS[:5])[0] == pytest.approx(np.asarray(AHEAD_S) / 3600)
    assert np.isnan(changes(rising, TIMES[-1:])).all()


def test_the_clock_is_local_and_may_be_unknown() -> None:
    room = past(temp_c=wave(TIMES))
    noon = np.asarray([9 * DAY + 10 * 3600.0])
    assert column(features(room, noon, zone_s=7200.0), "cos1") == pytest.approx(-1.0)
    assert not column(features(room, noon, zone_s=np.nan), "cos1").any()


def test_the_products_history_is_a_past_without_its_faults() -> None:
    history = History(days=9)
    for step in range(9 * 288):
        history.add(temp_c=20 + step * 0.001, fault=float(step == 9 * 288 - 3), time_s=0.0)
    told = Past.of(history.last(), 900.0)
    assert told.at("temp_c", np.asarray([900.0, 900 - STEP_S])) == pytest.approx([22.591, 22.590])
    assert told.at("temp_c", np.asarray([900 - 2 * STEP_S])) == pytest.approx([22.588]), "the one before the fault"
    assert column(features(told, np.full(1, 900.0)), "temp-60") == pytest.approx(-0.012, abs=1e-5)
