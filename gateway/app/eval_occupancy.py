"""`hearthgate eval occupancy`: the product's own judgement of who was there, row by row, on a recording.

Causal: each row is judged with what stands in it and above it. Labels are only compared with, never learned from.
"""

import csv as csv_format
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from gateway.climate.sense.occupancy import Occupancy
from gateway.climate.words import NOTHING, Measured, Moment, Observed, Trust
from gateway.errors import Refused

CUES = ("co2", "light", "motion")
_COLUMNS = {"date": "time", "occupied": "occupancy"}
_MOST_BAD = 0.2
_LONGEST_S = 900.0
"""A row stands for no longer than this, whatever gap follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One row: when, as it was written; the probability 0..1; what the label says, where there is one."""

    time: str
    at_s: float
    probability: float
    label: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How well rows with a label were judged, at 0.5. `called_empty_minutes` is the error that makes people cold:
    minutes that were occupied and called empty, of `occupied_minutes`. None where it cannot be said."""

    rows: int
    skipped: int
    labelled: int
    accuracy: float | None = None
    balanced_accuracy: float | None = None
    f1: float | None = None
    auc: float | None = None
    called_empty_minutes: float = 0.0
    occupied_minutes: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    time: str
    at: datetime
    cells: dict[str, float]


def evaluate(csv: Path, without: Sequence[str] = (), predictions: Path | None = None) -> Summary:
    """Judge a room CSV or a file of the UCI occupancy set, leaving out the cues of `without`, in order of time. Rows
    whose time cannot be read are skipped and counted, of doubled times all but the last; cells that are no numbers are
    no readings.

    Raises `Refused` ("csv_unreadable", "csv_no_time", "csv_no_cues", "csv_unwritable"), and "csv_bad" where more than a
    fifth of the times cannot be read."""
    lines = _lines(csv)
    columns = [_COLUMNS.get(name, name) for name in _header(lines, csv)]
    if not set(CUES) - set(without) & set(columns):
        raise Refused("csv_no_cues", csv=csv.name, needs=", ".join(CUES))
    rows, bad = _rows(lines[1:], columns, without)
    if not rows:
        raise Refused("csv_no_time", csv=csv.name)
    if bad > _MOST_BAD * (len(lines) - 1):
        raise Refused("csv_bad", csv=csv.name, rows=len(lines) - 1, without_a_time=bad)
    if not any(row.cells.keys() & set(CUES) for row in rows):
        raise Refused("csv_no_cues", csv=csv.name, needs=", ".join(CUES), hint="no row holds a number there")
    verdicts = list(_judge(rows))
    if predictions is not None:
        _write(predictions, verdicts)
    return _score(verdicts, skipped=len(lines) - 1 - len(rows))


def _lines(csv: Path) -> list[list[str]]:
    try:
        with csv.open(encoding="utf-8-sig", newline="") as file:
            return [line for line in csv_format.reader(file) if line]
    except (OSError, UnicodeError, csv_format.Error) as error:
        raise Refused("csv_unreadable", csv=csv.name, said=type(error).__name__) from None


def _header(lines: list[list[str]], csv: Path) -> list[str]:
    names = [name.strip().lower() for name in lines[0]] if lines else []
    if not {"time", "date"} & set(names):
        raise Refused("csv_no_time", csv=csv.name)
    return names


def _rows(lines: list[list[str]], columns: list[str], without: Sequence[str]) -> tuple[list[_Row], int]:
    """In order of time, and how many had none. The UCI files have one field more than their header: the number of the
    row comes first."""
    found: dict[datetime, _Row] = {}
    bad = 0
    for line in lines:
        named = dict(zip(columns, line[len(line) - len(columns) :] if len(line) > len(columns) else line, strict=False))
        at = _time(named.get("time", ""))
        if at is None:
            bad += 1
            continue
        cells = {name: number for name, text in named.items() if (number := _number(text)) is not None}
        found[at] = _Row(time=named["time"], at=at, cells={name: cells[name] for name in cells if name not in without})
    return [found[at] for at in sorted(found)], bad


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> float | None:
    words = {"true": 1.0, "false": 0.0}
    try:
        value = words.get(text.strip().lower()) if text.strip().lower() in words else float(text)
    except ValueError:
        return None
    return value if value is not None and math.isfinite(value) else None


def _judge(rows: list[_Row]) -> Iterator[Verdict]:
    occupancy = Occupancy(UTC)
    start = rows[0].at
    heard: dict[str, tuple[float, float]] = {}
    moved_s = 0.0
    for row in rows:
        at_s = (row.at - start).total_seconds()
        heard.update({name: (value, at_s) for name, value in row.cells.items()})
        moved_s = at_s if row.cells.get("motion", 0.0) > 0 else moved_s
        observed = Observed(
            now=Moment(mono_s=at_s, wall=row.at),
            temp=_measured(heard, "temperature", at_s),
            humidity=_measured(heard, "humidity", at_s),
            co2=_measured(heard, "co2", at_s),
            light=_measured(heard, "light", at_s),
            motion_s=at_s - moved_s if "motion" in heard else None,
        )
        label = row.cells.get("occupancy")
        yield Verdict(
            time=row.time,
            at_s=at_s,
            probability=occupancy.step(observed).probability,
            label=None if label is None else label > 0,
        )


def _measured(heard: dict[str, tuple[float, float]], name: str, at_s: float) -> Measured:
    if name not in heard:
        return NOTHING
    value, when_s = heard[name]
    return Measured(value=value, age_s=at_s - when_s, seen_s=at_s - when_s, trust=Trust.GOOD)


def _score(verdicts: list[Verdict], skipped: int) -> Summary:
    judged = [verdict for verdict in verdicts if verdict.label is not None]
    hits = {(label, called): 0 for label in (True, False) for called in (True, False)}
    for verdict in judged:
        hits[bool(verdict.label), verdict.probability >= 0.5] += 1
    seen, missed, alarmed, quiet = hits[True, True], hits[True, False], hits[False, True], hits[False, False]
    both = seen + missed > 0 and alarmed + quiet > 0
    lasting = list(_lasting(verdicts))
    return Summary(
        rows=len(verdicts),
        skipped=skipped,
        labelled=len(judged),
        accuracy=(seen + quiet) / len(judged) if judged else None,
        balanced_accuracy=(seen / (seen + missed) + quiet / (alarmed + quiet)) / 2 if both else None,
        f1=2 * seen / (2 * seen + missed + alarmed) if seen + missed > 0 else None,
        auc=_auc(judged) if both else None,
        called_empty_minutes=sum(s for verdict, s in lasting if verdict.label and verdict.probability < 0.5) / 60,
        occupied_minutes=sum(s for verdict, s in lasting if verdict.label) / 60,
    )


def _lasting(verdicts: list[Verdict]) -> Iterator[tuple[Verdict, float]]:
    """Each row with the seconds that it stands for."""
    for verdict, following in pairwise(verdicts):
        yield verdict, min(following.at_s - verdict.at_s, _LONGEST_S)


def _auc(judged: list[Verdict]) -> float:
    """Area under the ROC curve as the Mann-Whitney statistic; ties count half."""
    ordered = sorted(judged, key=lambda verdict: verdict.probability)
    ranks = 0.0
    first = 0
    while first < len(ordered):
        after = first
        while after < len(ordered) and ordered[after].probability == ordered[first].probability:
            after += 1
        ranks += sum(bool(verdict.label) for verdict in ordered[first:after]) * (first + after + 1) / 2
        first = after
    occupied = sum(bool(verdict.label) for verdict in judged)
    return (ranks - occupied * (occupied + 1) / 2) / (occupied * (len(judged) - occupied))


def _write(predictions: Path, verdicts: list[Verdict]) -> None:
    try:
        with predictions.open("w", encoding="utf-8", newline="") as file:
            writer = csv_format.writer(file, lineterminator="\n")
            writer.writerow(("time", "probability"))
            writer.writerows((verdict.time, f"{verdict.probability:.4f}") for verdict in verdicts)
    except OSError as error:
        raise Refused("csv_unwritable", csv=predictions.name, said=error.strerror or "") from None
