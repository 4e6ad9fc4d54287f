"""A whole run with a controller on the other end, to the verdict."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from gateway.errors import Invalid
from services.simhouse.bench.blame import blame
from services.simhouse.bench.course import Flags
from services.simhouse.bench.hello import hello
from services.simhouse.bench.job import Job, Run, prepare
from services.simhouse.bench.pipe import Talk, converse
from services.simhouse.bench.requirements import judge
from services.simhouse.bench.verdict import FIRST_MIN, figures


def judged(job: Job, lines: TextIO, out: TextIO) -> dict[str, Any]:
    """The verdict on the controller at `lines` and `out`. Raises `ConfigError` and `Invalid`."""
    run = prepare(job)
    if job.trace is not None:
        _write(Path(job.trace), ())
    talk = converse(run, hello(run.course, job), lines, out)
    if job.trace is not None:
        _write(Path(job.trace), _trace(run, talk))
    return verdict(run, talk)


def verdict(run: Run, talk: Talk) -> dict[str, Any]:
    course, record = run.course, talk.plant.record
    lived = record.lived()
    found = figures(course, lived, run.window)
    first = slice(0, min(FIRST_MIN, len(course)))
    begun = figures(course, lived, first)
    ours = blame(course, record)
    required = judge(course, record, talk.alarms, found)
    return {
        **asdict(found),
        "first_week_kh_below": begun.kh_below,
        "frost_minutes_ours": ours.frost_minutes,
        "over_limit_minutes_ours": ours.over_limit_minutes,
        "days": len(range(*run.window.indices(len(course)))) / 1440,
        "script": course.script.id,
        "alarms": talk.alarms,
        "silenced": talk.silenced,
        "aired": _spans(course.aired),
        "required": {name: asdict(kept) for name, kept in required.items()},
        "kept": all(kept.met for kept in required.values()),
    }


def _spans(flags: Flags) -> list[tuple[int, int]]:
    """Begin and end of each time that they hold."""
    edges = np.flatnonzero(np.diff(flags, prepend=False, append=False)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _trace(run: Run, talk: Talk) -> Iterator[tuple[object, ...]]:
    record, reasons = talk.plant.record, dict(talk.reasons)
    reason = ""
    for minute, air in enumerate(record.air):
        reason = reasons.get(minute, reason)
        stamp = datetime.fromtimestamp(run.course.start_s + minute * 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield stamp, f"{record.flowed[minute]:g}", f"{air:.3f}", run.course.setpoint[minute], reason


def _write(path: Path, rows: Iterable[tuple[object, ...]]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(("time", "heater", "temperature", "setpoint", "reason"))
            table.writerows(rows)
    except OSError as error:
        raise Invalid("trace_unwritable", cause=error.strerror) from None
