"""Weather as CSV."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from gateway.errors import ConfigError, Problem
from services.simhouse.bench.weather import HOUR_S, Floats, Weather

_J_CM2_H = 2.7778
"""W/m2 for each J/cm2 in an hour."""

_LONGEST_GAP_H = 6
_LONGEST_GAP_S = _LONGEST_GAP_H * HOUR_S
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
    unnamed time, where Q is J/cm2 per hour. Rows may come in any order; a stamp told twice counts once. An empty cell
    was not measured.

    Raises `ConfigError`, each kind of mistake in a column told once."""
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
        self._problems: dict[tuple[str, str, str], list[int]] = {}
        self._rows: dict[float, tuple[int, Mapping[str, float]]] = {}

    def wrong(self, line: int, column: str, message: str, hint: str = "") -> None:
        self._problems.setdefault((column, message, hint), []).append(line)

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
        """NaN for what was not measured."""
        values = {}
        for name, column in known.items():
            text = (row[name] or "").strip()
            try:
                value = float(text) * (_J_CM2_H if name == "Q" else 1.0)
            except ValueError:
                value = math.nan
            low, high = _BOUNDS[column]
            if text and not low <= value <= high:
                self.wrong(line, name, f"must be a number of {low:g} to {high:g}, or empty")
            values[column] = value if column == "outdoor_c" else max(value, 0.0)
        return values

    def weather(self) -> Weather:
        stamps = sorted(self._rows)
        if not self._problems and len(stamps) < 2:
            self.wrong(1, "(file)", "has fewer than two rows")
        for earlier, later in pairwise(stamps):
            if later - earlier > _LONGEST_GAP_S:
                self.wrong(self._rows[later][0], "time", f"comes more than {_LONGEST_GAP_H} h after the one before")
        names = self._rows[stamps[0]][1] if stamps and not self._problems else {}
        columns = {name: self._column(name, stamps) for name in names}
        if self._problems:
            raise ConfigError([self._told(*mistake, lines) for mistake, lines in self._problems.items()])
        nothing = np.zeros(len(stamps))
        return Weather(
            time_s=np.array(stamps),
            outdoor_c=columns["outdoor_c"],
            ghi_w_m2=columns.get("ghi_w_m2", nothing),
            wind_m_s=columns.get("wind_m_s", nothing),
            internal_gain_kw=columns.get("internal_gain_kw"),
            airing_w_per_k=columns.get("airing_w_per_k"),
        )

    def _column(self, name: str, stamps: Sequence[float]) -> Floats:
        """(n,) of what was measured, and filled where it was not."""
        values = np.array([self._rows[stamp][1][name] for stamp in stamps], dtype=np.float64)
        [measured] = np.nonzero(~np.isnan(values))
        if not len(measured):
            self.wrong(1, name, "was never measured")
            return values
        for earlier, later in pairwise([stamps[0], *(stamps[index] for index in measured.tolist()), stamps[-1]]):
            if later - earlier > _LONGEST_GAP_S:
                self.wrong(self._rows[later][0], name, f"was not measured for more than {_LONGEST_GAP_H} h")
        if name == "outdoor_c":
            at_s = np.array(stamps, dtype=np.float64)
            return np.interp(at_s, at_s[measured], values[measured])
        latest = np.searchsorted(measured, np.arange(len(values)), side="right").clip(1) - 1
        return np.asarray(values[measured[latest]], dtype=np.float64)

    def _told(self, column: str, message: str, hint: str, lines: Sequence[int]) -> Problem:
        if len(lines) > 1:
            message += f" (and so in {len(lines) - 1} more rows, the last in line {lines[-1]})"
        return Problem(file=self._file, line=lines[0], path=column, message=message, hint=hint)
