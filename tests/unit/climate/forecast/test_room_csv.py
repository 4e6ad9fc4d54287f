"""Files as people bring them: what cannot be read is told with its line, what can be is used."""

import numpy as np
import pytest

from gateway.climate.forecast.room_csv import parse
from gateway.errors import Refused

HEAD = "time,temperature,outdoor,heater,setpoint,light,humidity,co2,motion"
GOOD = ["2025-01-01T00:00:00Z,20.5,3,0.5,21,100,40,600,1", "2025-01-01T00:10:00Z,20.6,,,,,,,"]
START = 1735689600.0


def at(lines: list[str], column: str, *times: float) -> list[float]:
    return list(parse(lines, "room.csv").past.at(column, START + np.asarray(times, np.float64)))


def test_columns_by_name_and_empty_cells_as_no_reading() -> None:
    assert at([HEAD, *GOOD], "temp_c", 0, 600) == [20.5, 20.6]
    for column, value in (("outdoor_c", 3), ("duty", 0.5), ("target_c", 21), ("light", 100), ("humidity", 40)):
        assert at([HEAD, *GOOD], column, 600) == [value]


def test_only_time_and_temperature_are_needed() -> None:
    found = parse(["temperature,time,strange", "20,2025-01-01T01:00:00+01:00,x"], "room.csv")
    assert found.times_s == (START,)
    assert np.isnan(found.past.at("outdoor_c", np.asarray([START]))).all()


@pytest.mark.parametrize("header", ["", "when,temperature", "time,temp"])
def test_missing_columns_are_named(header: str) -> None:
    with pytest.raises(Refused, match="room_csv_columns") as caught:
        parse([header, *GOOD], "room.csv")
    assert caught.value.facts["line"] == 1
    assert caught.value.facts["missing"]


def test_bad_cells_are_no_readings_and_are_told_by_line() -> None:
    lines = [HEAD, *GOOD * 6, "2025-01-01T00:20:00Z,-127,3,0.5,21,100,40,600,1", "yesterday,20"]
    found = parse(lines, "room.csv")
    assert set(found.bad) == {14, 15}
    assert "-127" in found.bad[14]
    assert found.past.at("temp_c", np.asarray([START + 1200])).tolist() == [20.6]
    assert found.past.at("outdoor_c", np.asarray([START + 1200])).tolist() == [3]


def test_garbage_is_refused_with_its_first_line() -> None:
    with pytest.raises(Refused, match="room_csv_bad") as caught:
        parse([HEAD, GOOD[0], "\x00\x01,;;", "%PDF", "x,y"], "room.csv")
    assert caught.value.facts["line"] == 3


@pytest.mark.parametrize("lines", [[HEAD], [HEAD, "2025-01-01T00:00:00Z,,3"]])
def test_a_file_without_a_temperature_is_refused(lines: list[str]) -> None:
    with pytest.raises(Refused, match="room_csv_empty"):
        parse(lines, "room.csv")


def test_of_doubled_times_the_last_counts_and_order_does_not_matter() -> None:
    lines = [HEAD, GOOD[1], GOOD[0], "2025-01-01T00:10:00Z,20.9"]
    found = parse(lines, "room.csv")
    assert found.doubled == 1
    assert found.times_s == (START, START + 600)
    assert at(lines, "temp_c", 0, 600) == [20.5, 20.9]


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    lines = [HEAD, "2025-10-26T02:30:00+02:00,20", "2025-10-26T02:30:00+01:00,21"]
    first, second = parse(lines, "room.csv").times_s
    assert second - first == 3600


def test_over_a_gap_of_days_nothing_is_known() -> None:
    lines = [HEAD, GOOD[0], "2025-01-05T00:00:00Z,19"]
    assert np.isnan(at(lines, "temp_c", 2 * 86400)).all()
    assert at(lines, "temp_c", 4 * 86400) == [19]


def test_a_time_without_a_zone_is_utc() -> None:
    assert parse(["time,temperature", "2025-01-01 00:00,20"], "room.csv").times_s == (START,)
