"""Rooms as people bring them: a room CSV, a folder of those, or a folder in the way of OpenSmartHomeData."""

import csv as csv_format
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from gateway.app.eval_forecast_rivals import grid
from gateway.climate.forecast import flat, room_csv
from gateway.climate.forecast.past import Past, Series
from gateway.climate.words import Floats
from gateway.errors import Refused

Progress = Callable[[str], None]

_LINES_TOLD = 5
_APART_S = 400 * 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """`origins_s` are the times of its rows; every ten minutes where each series has times of its own."""

    name: str
    past: Past
    origins_s: Floats


def recorded(data: Path, progress: Progress) -> Iterator[Recorded]:
    """What could not be read goes to `progress`, with its lines. Raises `Refused` ("csv_unreadable", "no_room", and
    what `room_csv.parse` and `flat.room` raise)."""
    if not data.is_dir():
        yield _room(data, progress)
        return
    names = sorted(file.name for file in data.glob("*.csv"))
    rooms = flat.rooms_of(names)
    for name in rooms:
        past = flat.room(name, names, lambda file: _text(data / file))
        if not len(past.series["temp_c"].times_s):
            raise Refused("room_csv_empty", file=name, hint="no line holds a temperature")
        yield Recorded(name=name, past=past, origins_s=grid(past))
    for name in () if rooms else names:
        yield _room(data / name, progress)
    if not names:
        raise Refused("no_room", folder=data.name, hint="a room CSV, or a folder of them")


def _room(file: Path, progress: Progress) -> Recorded:
    found = room_csv.parse(_text(file).splitlines(), file.name)
    for line, said in list(found.bad.items())[:_LINES_TOLD]:
        progress(f"{file.name}:{line}: {said}")
    if len(found.bad) > _LINES_TOLD:
        progress(f"{file.name}: {len(found.bad)} lines with something unreadable in all")
    if found.doubled:
        progress(f"{file.name}: {found.doubled} rows had the time of a later one, which counts")
    times = np.asarray(found.times_s, np.float64)
    together = _together(times)
    if len(together) < len(times):
        progress(f"{file.name}: {len(times) - len(together)} rows are more than a year from all others: left out")
    past = _within(found.past, together)
    if not len(past.series["temp_c"].times_s):
        raise Refused("room_csv_empty", file=file.name, hint="no line holds a temperature")
    return Recorded(name=file.stem, past=past, origins_s=together)


def _together(times_s: Floats) -> Floats:
    """The most times that no gap of more than 400 days parts: rows of 1970 or 2106 are of a clock that nobody had set,
    and would be half a century of weeks to learn from."""
    ends = [0, *(np.flatnonzero(np.diff(times_s) > _APART_S) + 1).tolist(), len(times_s)]
    begin, end = max(pairwise(ends), key=lambda part: part[1] - part[0])
    return times_s[begin:end]


def _within(past: Past, times_s: Floats) -> Past:
    begin_s, end_s = float(times_s[0]), float(times_s[-1])
    cut = {name: _cut(one, begin_s, end_s) for name, one in past.series.items()}
    return Past(series=cut)


def _cut(one: Series, begin_s: float, end_s: float) -> Series:
    kept = (one.times_s >= begin_s) & (one.times_s <= end_s)
    return Series(times_s=one.times_s[kept], values=one.values[kept])


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise Refused("csv_unreadable", csv=file.name, said=type(error).__name__) from None


def times_of(file: Path) -> Floats:
    """The column `origin_time`, else `time`, of a CSV; else a time a line."""
    rows = [line for line in csv_format.reader(_text(file).splitlines()) if line]
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    named = [column for column in ("origin_time", "time") if column in header]
    place = header.index(named[0]) if named else 0
    times: set[float] = set()
    for number, row in enumerate(rows[1:] if named else rows, start=2 if named else 1):
        try:
            when = datetime.fromisoformat(row[place].strip())
        except (ValueError, IndexError):
            raise Refused("origins_bad", file=file.name, line=number, said=",".join(row)[:60]) from None
        times.add((when.replace(tzinfo=UTC) if when.tzinfo is None else when).timestamp())
    return np.asarray(sorted(times), np.float64)
