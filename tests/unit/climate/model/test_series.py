import numpy as np
import pytest

from gateway.climate.history import COLUMNS, Rows
from gateway.climate.model.series import QUARTERS, delayed, series, slots

MONDAY_S = 1767571200.0  # 2026-01-05T00:00:00Z


def rows(count: int = 100, **columns: list[float] | float) -> Rows:
    filled = {name: np.full(count, np.nan) for name in COLUMNS}
    filled |= {"time_s": MONDAY_S + 300 * np.arange(count), "temp_c": np.full(count, 20.0)}
    filled |= {name: np.broadcast_to(np.array(value, np.float64), (count,)).copy() for name, value in columns.items()}
    return Rows(columns=filled)


def test_what_is_unknown_is_what_was_known_last_and_never_what_comes() -> None:
    lived = series(rows(4, outdoor_c=[np.nan, 3.0, np.nan, 9.0], duty=[np.nan, 0.5, np.nan, 2.0]), 0.0)
    assert lived.outdoor.tolist() == [8.0, 3.0, 3.0, 9.0]
    assert lived.duty.tolist() == [0.0, 0.5, 0.5, 1.0]


def test_windows_and_faults_teach_nothing_for_an_hour() -> None:
    window = np.zeros(100)
    window[50] = 1
    counts = series(rows(window=window.tolist(), fault=0.0), 0.0).counts
    assert counts[49]
    assert not np.any(counts[50:63])
    assert counts[63]


def test_a_long_gap_is_followed_by_a_while_of_finding_back() -> None:
    temps = np.full(200, 20.0)
    temps[60:90] = np.nan
    counts = series(rows(200, temp_c=temps.tolist()), 0.0).counts
    assert not np.any(counts[:36])
    assert np.all(counts[36:60])
    assert not np.any(counts[60:126])
    assert np.all(counts[126:])


@pytest.mark.parametrize(
    ("hours", "quarter"), [(0.0, 0), (6.5, 26), (5 * 24 + 6.5, QUARTERS + 26), (7 * 24 - 0.01, 2 * QUARTERS - 1)]
)
def test_quarters_are_those_of_weekdays_and_weekends(hours: float, quarter: int) -> None:
    assert slots(np.array([MONDAY_S + 3600 * hours]))[0] == quarter


def test_rows_without_a_clock_are_timed_by_their_place() -> None:
    times = MONDAY_S + 300 * np.arange(100)
    times[20:40] = np.nan
    assert (
        series(rows(time_s=times.tolist()), 0.0).slot.tolist()
        == slots(np.asarray(MONDAY_S + 300 * np.arange(100), np.float64)).tolist()
    )


def test_a_delay_between_two_steps_is_shared_by_both() -> None:
    assert delayed(np.array([0.0, 1.0, 0.0, 0.0]), np.array([0.25, 1.0])).T.tolist() == [
        [0.0, 0.75, 0.25, 0.0],
        [0.0, 0.0, 1.0, 0.0],
    ]
