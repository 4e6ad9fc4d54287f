"""Houses that the forecaster learns from are houses: heaters heat, people sleep, and one seed is one street."""

import numpy as np
import pytest

from gateway.climate.forecast.features import NAMES
from gateway.climate.forecast.net import STEPS
from gateway.climate.forecast.past import COLUMNS
from services.factory.forecast import rows as lessons
from services.factory.forecast.houses import Table, lived
from services.factory.forecast.people import DAY, people
from services.factory.forecast.rows import Rows, batches, drawn, lacking
from services.factory.forecast.weather import weather

HOUSES = 12


@pytest.fixture(scope="module")
def street() -> dict[str, Table]:
    return lived(np.random.default_rng(5), HOUSES, 4)


def test_every_column_is_told_every_ten_minutes(street: dict[str, Table]) -> None:
    assert set(street) == set(COLUMNS)
    for values in street.values():
        assert values.shape == (HOUSES, 4 * 144)
        assert np.isfinite(values).all()


def test_what_is_told_is_what_a_house_may_be(street: dict[str, Table]) -> None:
    for column, least, most in (("temp_c", 3, 45), ("duty", 0, 1), ("humidity", 1, 99), ("light", 0, 20_000)):
        assert np.min(street[column]) >= least
        assert np.max(street[column]) <= most
    assert len({float(house[0]) for house in street["outdoor_c"]}) == HOUSES


def test_rooms_are_warmer_than_the_outside_and_near_what_is_wanted(street: dict[str, Table]) -> None:
    heated = street["duty"].mean(axis=1) > 0.05
    assert heated.any()
    assert (street["temp_c"].mean(axis=1) > street["outdoor_c"].mean(axis=1))[heated].all()
    short = street["target_c"].mean(axis=1) - street["temp_c"].mean(axis=1)
    assert np.median(np.abs(short)) < 2.5


def test_one_seed_is_one_street(street: dict[str, Table]) -> None:
    again, other = (lived(np.random.default_rng(seed), HOUSES, 4) for seed in (5, 6))
    assert all((again[name] == values).all() for name, values in street.items())
    assert (other["temp_c"] != street["temp_c"]).any()


def test_the_sun_shines_by_day_and_clouds_take_it() -> None:
    sky = weather(np.random.default_rng(1), 40, 20)
    noon, midnight = (sky.sun_kw[:, hour::24] for hour in (12, 0))
    assert np.max(midnight) == 0
    assert 0.05 < noon.mean() < 0.95
    assert -30 < np.min(sky.outdoor_c) < np.max(sky.outdoor_c) < 40


def test_people_sleep_and_open_windows_seldom() -> None:
    inmates = people(np.random.default_rng(2), 30, 5)
    hours = (np.arange(5 * DAY)[None, :] + inmates.zone_min[:, None]) % DAY // 60
    assert inmates.home[hours == 3].mean() < 0.05 < inmates.home[hours == 20].mean()
    assert 0 < (inmates.draught > 0).mean() < 0.2
    assert np.max(inmates.steam) <= 1


def test_rows_are_inputs_and_what_really_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessons, "DAYS", 9)
    rows = drawn(3, 2)
    assert rows.given.shape[1] == len(NAMES)
    assert rows.change.shape == (len(rows.given), STEPS)
    assert np.isfinite(rows.given).all()
    assert np.isfinite(rows.change).all()
    assert len(rows.given) == 2 * ((2 * 144 - 36) // 4)


def test_some_rows_lack_a_sensor_and_none_the_thermometer() -> None:
    given = np.ones((500, len(NAMES)), np.float32)
    held = lacking(given, np.random.default_rng(0))
    light, temp = (np.asarray([name.startswith(sort) for name in NAMES]) for sort in ("light", "temp"))
    assert 0.2 < (held[:, light] == 0).all(axis=1).mean() < 0.5
    assert (held[:, temp] == 1).all()
    assert (given == 1).all()


def test_an_epoch_holds_no_row_twice() -> None:
    rows = Rows(given=np.zeros((100, len(NAMES)), np.float32), change=np.arange(100, dtype=np.float32)[:, None])
    seen = [value for _, change in batches(rows, np.random.default_rng(0), 32) for value in change[:, 0].tolist()]
    assert len(seen) == len(set(seen)) == 96
