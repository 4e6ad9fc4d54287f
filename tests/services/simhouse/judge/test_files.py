"""Files of strangers: what is wrong is told with its line, all at once."""

from pathlib import Path

import numpy as np
import pytest

from gateway.errors import ConfigError
from services.simhouse.bench.house import Hardware
from services.simhouse.bench.house_file import load_house
from services.simhouse.bench.job import Job, prepare
from services.simhouse.bench.made_up import synthetic
from services.simhouse.bench.script_file import load_script, minutes_at, minutes_for
from services.simhouse.bench.weather_file import load_weather
from tests.services.simhouse.judge.rig import HOUSES, ROOT

GOOD = """\
name: mine
building:
  Ci: 2
  Ce: 9
  Ch: 0.08
  Rie: 0.9
  Rea: 8
  Ria: 18
  Rih: 3
heater: {power_kw: 7, dead_time_min: 3}
schedule:
  - {at: "06:30", days: weekdays, temp_c: 21}
  - {at: 22:30, temp_c: 17}
tariff:
  bands: [{at: "07:00", price: 0.3}, {at: "23:00", price: 0.2}]
"""


def written(tmp_path: Path, text: str, name: str = "file.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def problems(error: ConfigError) -> list[tuple[int, str]]:
    return [(problem.line, problem.path) for problem in error.problems]


@pytest.mark.parametrize("file", HOUSES, ids=lambda file: file.stem)
def test_the_houses_that_come_along_are_good(file: Path) -> None:
    assert 0.03 < load_house(file).building.loss_kw_k < 0.5


def test_symbols_of_the_equations_are_names_too(tmp_path: Path) -> None:
    house = load_house(written(tmp_path, GOOD))
    assert (house.building.air_kwh_k, house.building.air_emitter_k_kw, house.heater.dead_min) == (2.0, 3.0, 3)
    assert [(change.minute, change.value, len(change.days)) for change in house.schedule] == [
        (390, 21, 5),
        (1350, 17, 7),
    ]
    assert [change.value for change in house.prices] == [0.3, 0.2]


def test_a_file_may_be_flat_and_units_spelled_out(tmp_path: Path) -> None:
    flat = "air_kWh_per_K: 2\nCe: 9\nCh: 0.08\nRie: 0.9\nRea: 8\nRia: 18\nRih: 3\nsolar_aperture_m2: 4\npower_kw: 7\n"
    house = load_house(written(tmp_path, flat))
    assert (house.building.air_kwh_k, house.building.aperture_m2, house.heater.power_kw) == (2.0, 4.0, 7.0)


def test_every_wrong_key_and_value_is_told_with_its_line(tmp_path: Path) -> None:
    text = GOOD.replace("  Ce: 9", "  Ce: many").replace("  Rih: 3", "  Rhi: 3").replace("power_kw: 7", "power_kw: -7")
    with pytest.raises(ConfigError) as caught:
        load_house(written(tmp_path, text))
    assert set(problems(caught.value)) == {
        (4, "building.envelope_kwh_k"),
        (3, "building.air_emitter_k_kw"),
        (9, "building.Rhi"),
        (10, "heater.power_kw"),
    }


@pytest.mark.parametrize("text", ["", "- a list", "name: [", "name: \x00"])
def test_what_is_no_house_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        load_house(written(tmp_path, text))


def test_weather_is_read_in_any_order_and_once(tmp_path: Path) -> None:
    rows = "time,outdoor_c,ghi_w_m2,wind_m_s\n2022-01-01T01:00:00Z,2,100,3\n2022-01-01T00:00:00Z,0,0,1\n"
    weather = load_weather(written(tmp_path, rows + "2022-01-01T01:00:00Z,9,9,9\n", "w.csv"))
    assert weather.outdoor_c.tolist() == [0.0, 2.0]
    assert weather.outdoor(weather.time_s[:1] + 1800).tolist() == [1.0]
    assert weather.held(weather.wind_m_s, weather.time_s[:1] + 3599).tolist() == [1.0]


def test_joules_of_the_dutch_become_watts(tmp_path: Path) -> None:
    rows = ",T,FH,Q\n2022-06-01 10:00:00+00:00,20,3,305.7\n2022-06-01 11:00:00+00:00,21,3,-2e-323\n"
    assert load_weather(written(tmp_path, rows, "w.csv")).ghi_w_m2.tolist() == pytest.approx([849.17, 0.0], abs=0.1)


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("when,outdoor_c\n", 1),
        ("time,outdoor_c\n2022-01-01T00:00:00Z,nan\n2022-01-01T01:00:00Z,1\n", 2),
        ("time,outdoor_c\nyesterday,1\n", 2),
        ("time,outdoor_c\n2022-01-01T00:00:00Z,1\n2022-01-03T01:00:00Z,1\n", 3),
        ("time,outdoor_c,rain\n2022-01-01T00:00:00Z,1,1\n2022-01-01T01:00:00Z,1,1\n", 1),
        ("time,outdoor_c\n2022-01-01T00:00:00Z,1\n", 1),
        ("time,outdoor_c\n2022-01-01T00:00:00Z,\n2022-01-01T01:00:00Z,\n", 1),
        ("time,outdoor_c\n" + "".join(f"2022-01-01T{hour:02}:00:00Z,{hour and ''}\n" for hour in range(9)), 10),
    ],
    ids=[
        "no time",
        "no number",
        "no date",
        "gap of days",
        "unknown column",
        "one row",
        "nothing measured",
        "not measured for long",
    ],
)
def test_bad_weather_is_told_with_its_line(tmp_path: Path, rows: str, line: int) -> None:
    with pytest.raises(ConfigError) as caught:
        load_weather(written(tmp_path, rows, "w.csv"))
    assert caught.value.problems[0].line == line


def test_a_mistake_in_every_row_is_told_once(tmp_path: Path) -> None:
    rows = "".join(f"2022-01-01T{hour:02}:00:00Z,{hour},sunny\n" for hour in range(12))
    with pytest.raises(ConfigError) as caught:
        load_weather(written(tmp_path, f"time,outdoor_c,ghi_w_m2\n{rows}", "w.csv"))
    [problem] = caught.value.problems
    assert (problem.line, problem.path) == (2, "ghi_w_m2")
    assert "11 more rows, the last in line 13" in problem.message


def test_an_empty_cell_was_not_measured(tmp_path: Path) -> None:
    rows = ("0,,5", ",100,", "8,,7")
    text = "".join(f"2022-01-01T{hour:02}:00:00Z,{row}\n" for hour, row in enumerate(rows))
    weather = load_weather(written(tmp_path, f"time,outdoor_c,ghi_w_m2,wind_m_s\n{text}", "w.csv"))
    assert weather.outdoor_c.tolist() == [0.0, 4.0, 8.0]
    assert weather.ghi_w_m2.tolist() == [100.0, 100.0, 100.0]
    assert weather.wind_m_s.tolist() == [5.0, 5.0, 7.0]


def test_the_example_is_good() -> None:
    assert len(load_weather(ROOT / "config" / "weather" / "example.csv").time_s) == 96


@pytest.mark.shared
def test_the_dutch_winter_is_read() -> None:
    file = ROOT.parent / "shared" / "data" / "weather_assendorp" / "weather.csv"
    if not file.is_file():
        pytest.skip("needs the weather beside the checkout")
    weather = load_weather(file)
    assert np.max(weather.ghi_w_m2) == pytest.approx(849, abs=1)
    assert len(weather.time_s) == 4871


def test_a_made_up_winter_is_the_same_every_time_and_cold() -> None:
    cold, mild = synthetic("cold", 3), synthetic("mild", 3)
    assert synthetic("cold", 3).outdoor_c.tolist() == cold.outdoor_c.tolist() != synthetic("cold", 4).outdoor_c.tolist()
    assert np.mean(cold.outdoor_c) + 3 < np.mean(mild.outdoor_c)
    assert np.max(cold.ghi_w_m2) < np.max(mild.ghi_w_m2) < 900


SCRIPT = """\
id: example
why: a sensor goes silent
start_day: 2
days: 4
hardware: {second_contactor: true, limiter_c: 27}
faults:
  - {kind: sensor_silent, at: "1d 06:40", for: 14h}
  - {kind: setpoint, at: "0d 12:00", for: 1h, values: [99, .nan], every_min: 5, retained: true}
  - {kind: sensor_stuck, at: "2d", value_c: null}
require:
  frost_minutes: 0
  max_kh_week: null
  alarm: {any_of: [sensor_lost], within_min: 70, counted_from: fault}
"""


def test_a_fault_script_is_read(tmp_path: Path) -> None:
    script = load_script(written(tmp_path, SCRIPT), Hardware())
    silent, setpoint, stuck = script.faults
    assert (silent.begin, silent.end, stuck.begin) == (1840, 2680, 2880)
    assert (setpoint.every_min, setpoint.retained, setpoint.values[0]) == (5.0, True, 99)
    assert script.hardware == Hardware(second_contactor=True, limiter_c=27.0)
    assert script.most == {"frost_minutes": 0.0}
    assert script.heard is not None
    assert script.heard.within_min == 70


def test_a_fault_nobody_knows_is_told(tmp_path: Path) -> None:
    text = SCRIPT.replace("sensor_silent", "sensor_asleep").replace("for: 1h", "for: soon")
    with pytest.raises(ConfigError) as caught:
        load_script(written(tmp_path, text), Hardware())
    assert problems(caught.value) == [(7, "faults.0.kind"), (8, "faults.1.for")]


def test_an_alarm_that_is_never_told_is_told(tmp_path: Path) -> None:
    text = SCRIPT.replace("any_of: [sensor_lost]", "any_of: [sensor_lost, sensor_gone]")
    with pytest.raises(ConfigError) as caught:
        load_script(written(tmp_path, text), Hardware())
    assert problems(caught.value) == [(13, "require.alarm.any_of")]


def test_a_fault_behind_the_end_of_the_run_is_told(tmp_path: Path) -> None:
    script = written(tmp_path, SCRIPT.replace('at: "2d"', 'at: "4d"'))
    job = Job(house=str(HOUSES[0]), weather="synthetic:cold:1", faults=str(script))
    with pytest.raises(ConfigError) as caught:
        prepare(job)
    assert problems(caught.value) == [(9, "faults.at")]


def test_times_and_durations() -> None:
    assert [minutes_at(text) for text in ("1d 06:40", "06:40", "2d", "noon", "")] == [1840, 400, 2880, None, None]
    assert [minutes_for(text) for text in ("30m", "14h", "2d", "90s", "45", "long")] == [30, 840, 2880, 1.5, 45, None]
