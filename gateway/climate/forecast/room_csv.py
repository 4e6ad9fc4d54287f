"""A room's readings as people bring them: CSV with a header, irregular times, empty cells.

What cannot be read is left out and told with the numbers of its lines; a file with too much of that is refused.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite, nan

import numpy as np

from gateway.climate.forecast.past import Past, Series
from gateway.errors import Refused

COLUMNS = {
    "temperature": ("temp_c", -40.0, 60.0),
    "outdoor": ("outdoor_c", -60.0, 60.0),
    "heater": ("duty", 0.0, 1.0),
    "setpoint": ("target_c", 0.0, 40.0),
    "light": ("light", 0.0, 200_000.0),
    "humidity": ("humidity", 0.0, 100.0),
}
"""Their names in the history, and what is still believable. `co2`, `motion` and strange columns are passed over."""
_MOST_BAD = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFile:
    """`times_s` (n,) of the rows, ascending, POSIX; `bad` says what could not be read in a line, by its number;
    `doubled` how many rows had the time of another one, the last of which counts."""

    past: Past
    times_s: tuple[float, ...]
    bad: Mapping[int, str]
    doubled: int


def parse(lines: Iterable[str], name: str) -> RoomFile:
    """Of a whole file. Raises `Refused`: "room_csv_columns" where `time` or `temperature` is missing, "room_csv_bad"
    where more than a fifth of the lines cannot be read, "room_csv_empty"."""
    table = csv.reader(lines)
    header = [cell.strip().lower().removeprefix("\ufeff") for cell in next(table, [])]
    missing = [column for column in ("time", "temperature") if column not in header]
    if missing:
        raise Refused("room_csv_columns", file=name, line=1, missing=", ".join(missing))
    rows, bad = _rows(table, header)
    _refuse_bad(name, rows, bad)
    by_time = dict(sorted(rows.items()))
    doubled = sum(len(found) - 1 for found in by_time.values())
    return RoomFile(past=_past(by_time), times_s=tuple(by_time), bad=bad, doubled=doubled)


Cells = dict[str, float]


def _rows(table: Iterator[list[str]], header: list[str]) -> tuple[dict[float, list[Cells]], dict[int, str]]:
    rows: dict[float, list[Cells]] = {}
    bad: dict[int, str] = {}
    number = 1
    while True:
        number += 1
        try:
            cells = next(table)
            if any(cell.strip() for cell in cells):
                named = dict(zip(header, cells, strict=False))
                time_s = _time(named.get("time", ""))
                rows.setdefault(time_s, []).append(_cells(named, number, bad))
        except StopIteration:
            return rows, bad
        except (ValueError, csv.Error) as error:
            bad[number] = str(error)[:120]


def _time(text: str) -> float:
    """Without a zone it is UTC."""
    when = datetime.fromisoformat(text.strip())
    return (when.replace(tzinfo=UTC) if when.tzinfo is None else when).timestamp()


def _cells(named: Mapping[str, str], number: int, bad: dict[int, str]) -> Cells:
    """By column of the history; NaN where there is no reading, or none that can be believed."""
    found = {}
    for column, (to, least, most) in COLUMNS.items():
        text = named.get(column, "").strip()
        value = _number(text)
        if text and not least <= value <= most:
            bad[number], value = f"{column} is no reading: {text[:40]}", nan
        found[to] = value
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan


def _refuse_bad(name: str, rows: Mapping[float, list[Cells]], bad: Mapping[int, str]) -> None:
    lines = sum(map(len, rows.values()))
    if bad and len(bad) > _MOST_BAD * max(lines, len(bad)):
        line, said = next(iter(bad.items()))
        raise Refused("room_csv_bad", file=name, bad_lines=len(bad), line=line, said=said)
    if not any(isfinite(cells["temp_c"]) for found in rows.values() for cells in found):
        raise Refused("room_csv_empty", file=name, hint="no line holds a temperature")


def _past(rows: Mapping[float, list[Cells]]) -> Past:
    times = np.asarray(list(rows), np.float64)
    columns = [to for to, _, _ in COLUMNS.values()]
    values = np.asarray([[found[-1][to] for to in columns] for found in rows.values()], np.float64)
    return Past(series={to: Series.known(times, values[:, place]) for place, to in enumerate(columns)})
