"""Weather as CSV."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from gateway.errors import ConfigError, Problem
from services.simhouse.bench.weather import HOUR_S, Floats, Weather

_J_CM2_H = 2.7778
"""W/m2 for each J/cm2 in an hour."""

_LONGEST_GAP_S = 6 * HOUR_S
_MOST_PROBLEMS = 20

_NAMES = {
    "T": "outdoor_c",
    "FH": "wind_m_s",
    "Q": "ghi_w_m2",
    "outdoor_c": "outdoor_c",
    "ghi_w_m2": "ghi_w_m2",
    "wind_m_s": "wind_m_s",
    "internal_gain_kw": "internal_gain_kw",
    "airing_w_per_k": "airing_w_per_k",
}
_BOUNDS = {  # interpolated files dip a little below zero
    "outdoor_c": (-60.0, 60.0),
    "ghi_w_m2": (-1.0, 1500.0),
    "wind_m_s": (-1.0, 80.0),
    "internal_gain_kw": (0.0, 50.0),
    "airing_w_per_k": (0.0, 10000.0),
}


def load_weather(path: Path) -> Weather:
    """`time,outdoor_c,ghi_w_m2,wind_m_s` with optional people, or the Dutch weather service's T, FH and Q behind an
    unnamed time, where Q is J/cm2 per hour. Rows may come in any order; a stamp told twice counts once.

    Raises `ConfigError`."""
    reader = _Reader(path.name)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader.read(csv.DictReader(file))
    except OSError as error:
        reader.wrong(1, "(file)", f"cannot be read: {error.strerror}")
    except (UnicodeDecodeError, csv.Error):
        reader.wrong(1, "(file)", "is not CSV in UTF-8")
    return reader.weather()


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self._problems: list[Problem] = []
        self._rows: dict[float, tuple[int, Mapping[str, float]]] = {}

    def wrong(self, line: int, column: str, message: str, hint: str = "") -> None:
        if len(self._problems) < _MOST_PROBLEMS:
            self._problems.append(Problem(file=self._file, line=line, path=column, message=message, hint=hint))

    def read(self, table: "csv.DictReader[str]") -> None:
        columns = list(table.fieldnames or ())
        time = "time" if "time" in columns else ""
        known = {name: _NAMES[name] for name in columns if name in _NAMES}
        if time not in columns or "outdoor_c" not in known.values():
            self.wrong(1, "(header)", "needs the columns time and outdoor_c", "time,outdoor_c,ghi_w_m2,wind_m_s")
            return
        for name in columns:
            if name != time and name not in known:
                self.wrong(1, name, "is not known", "known: " + ", ".join(_BOUNDS))
        self._read_rows(table, time, known)

    def _read_rows(self, table: Iterable[Mapping[str, str]], time: str, known: Mapping[str, str]) -> None:
        for line, row in enumerate(table, 2):
            try:
                stamp = datetime.fromisoformat(row[time] or "")
            except (ValueError, TypeError):
                self.wrong(line, "time", "is no time", "such as 2022-01-10T00:00:00Z")
                continue
            stamp = stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp
            self._rows.setdefault(stamp.timestamp(), (line, self._values(line, row, known)))

    def _values(self, line: int, row: Mapping[str, str], known: Mapping[str, str]) -> dict[str, float]:
        values = {}
        for name, column in known.items():
            try:
                value = float(row[name]) * (_J_CM2_H if name == "Q" else 1.0)
            except (ValueError, TypeError):
                value = float("nan")
            low, high = _BOUNDS[column]
            if not low <= value <= high:
                self.wrong(line, name, f"must be a number of {low:g} to {high:g}")
            values[column] = value if column == "outdoor_c" else max(value, 0.0)
        return values

    def weather(self) -> Weather:
        stamps = sorted(self._rows)
        if not self._problems and len(stamps) < 2:
            self.wrong(1, "(file)", "has fewer than two rows")
        for earlier, later in pairwise(stamps):
            if later - earlier > _LONGEST_GAP_S:
                self.wrong(
                    self._rows[later][0], "time", f"comes {(later - earlier) / HOUR_S:.0f} h after the one before"
                )
        if self._problems:
            raise ConfigError(self._problems)
        rows = [self._rows[stamp][1] for stamp in stamps]

        def column(name: str) -> Floats | None:
            return np.array([row[name] for row in rows]) if name in rows[0] else None

        nothing = np.zeros(len(stamps))
        outdoor, ghi, wind = column("outdoor_c"), column("ghi_w_m2"), column("wind_m_s")
        assert outdoor is not None
        return Weather(
            time_s=np.array(stamps),
            outdoor_c=outdoor,
            ghi_w_m2=nothing if ghi is None else ghi,
            wind_m_s=nothing if wind is None else wind,
            internal_gain_kw=column("internal_gain_kw"),
            airing_w_per_k=column("airing_w_per_k"),
        )
