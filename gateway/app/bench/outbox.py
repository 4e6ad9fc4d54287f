"""How fast the outbox takes in and gives out, and what a million waiting rows cost."""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from gateway.app.bench.measure import resident_mb
from gateway.app.bench.rows import Row
from gateway.app.places import data_home
from gateway.config.uplink import StreamPolicy
from gateway.flow.board import Board, Counters
from gateway.flow.clock import SystemClock
from gateway.store.outbox.outbox import Outbox
from gateway.types import Level
from gateway.wire.summary import DeviceHealth, Energy, Presence, Stream, Summary

NAME = "outbox"
ABOUT = "durable appends a second, and start, drain and memory with 1,000,000 rows waiting (HEARTHGATE_OUTBOX_ROWS)"

ROWS = int(os.environ.get("HEARTHGATE_OUTBOX_ROWS", "1000000"))

_CALLERS = 64
_SECONDS = 5.0
_TELL_EVERY = 10
_HOUR = 1_767_268_800


def run(progress: Callable[[str], None]) -> list[Row]:
    """On the disk of the data directory: its fsync is what a durable append waits for. The rates of appends are of
    summaries put one by one, by one caller or by 64 at once, whose commits share an fsync."""
    home = data_home()
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as folder:
        return asyncio.run(_measured(Path(folder), progress))


async def _measured(folder: Path, progress: Callable[[str], None]) -> list[Row]:
    progress("outbox: appends")
    rows = [_row("fsyncs of 4 KiB, the disk's own", _fsyncs(folder), "1/s")]
    async with _outbox(folder / "appends.db") as outbox:
        rows += [
            _row("durable appends, 1 caller", await _appends(outbox, 1, _presence), "1/s"),
            _row(
                f"durable appends, {_CALLERS} callers", await _appends(outbox, _CALLERS, _presence), "1/s", least=2000
            ),
            _row(f"normal appends, {_CALLERS} callers", await _appends(outbox, _CALLERS, _device), "1/s"),
        ]
    before_mb = resident_mb()
    filled_s, fill_mb = await _fill(folder / "waiting.db", progress)
    rows.append(_row(f"fill {ROWS:,} rows, 500 a put", ROWS / filled_s, "1/s"))
    rows.append(_row("file with all rows", (folder / "waiting.db").stat().st_size / 1e6, "MB"))
    began_s = time.perf_counter()
    async with _outbox(folder / "waiting.db") as outbox:
        started_s = time.perf_counter() - began_s
        await outbox.next(100, 10**6)
        given_s = time.perf_counter() - began_s - started_s
        rows.append(_row(f"start with {ROWS:,} rows", started_s, "s", most=1.0))
        rows.append(_row(f"first 100 of {ROWS:,} rows", given_s, "s"))
        drained_s, drain_mb = await _drain(outbox, progress)
    rows.append(_row(f"drain {ROWS:,} rows, 100 a batch", ROWS / drained_s, "1/s"))
    rows.append(_row("resident memory beyond that of appends", max(fill_mb, drain_mb) - before_mb, "MB", most=16.0))
    rows.append(_row("file when all rows have left", (folder / "waiting.db").stat().st_size / 1e6, "MB"))
    return rows


def _outbox(path: Path) -> Outbox:
    return Outbox(
        path,
        "bench",
        lambda stream: StreamPolicy(max_bytes=10**10, durability="normal" if stream is Stream.DEVICES else "full"),
        clock=SystemClock(),
        believed=lambda wall: wall,
        report=Board().report,
        counters=Counters(),
    )


def _fsyncs(folder: Path) -> float:
    """Of a file that has its size already, as a journal has."""
    with (folder / "fsync").open("wb", buffering=0) as file:
        file.write(bytes(4096 * 256))
        os.fsync(file.fileno())
        done, began_s = 0, time.perf_counter()
        while time.perf_counter() - began_s < _SECONDS:
            os.pwrite(file.fileno(), os.urandom(4096), done % 256 * 4096)
            os.fdatasync(file.fileno())
            done += 1
    return done / _SECONDS


async def _appends(outbox: Outbox, callers: int, make: Callable[[int], Summary]) -> float:
    done, began_s, now = 0, time.perf_counter(), datetime.now(UTC)

    async def append() -> None:
        nonlocal done
        while time.perf_counter() - began_s < _SECONDS:
            await outbox.put([make(done)], now)
            done += 1

    await asyncio.gather(*(append() for _ in range(callers)))
    return done / (time.perf_counter() - began_s)


async def _fill(path: Path, progress: Callable[[str], None]) -> tuple[float, float]:
    """Seconds, and the most resident MB on the way."""
    began_s, now, most_mb, part = time.perf_counter(), datetime.now(UTC), 0.0, max(ROWS // _TELL_EVERY, 1)
    async with _outbox(path) as outbox:
        for start in range(0, ROWS, 500):
            await outbox.put(_mixed(start, min(start + 500, ROWS)), now)
            most_mb = max(most_mb, resident_mb())
            if start % part < 500:
                progress(f"outbox: filled {start:,} of {ROWS:,}")
    return time.perf_counter() - began_s, most_mb


async def _drain(outbox: Outbox, progress: Callable[[str], None]) -> tuple[float, float]:
    """Seconds, and the most resident MB on the way."""
    began_s, done, most_mb, part = time.perf_counter(), 0, 0.0, max(ROWS // _TELL_EVERY, 1)
    while parcels := await outbox.next(100, 10**6):
        await outbox.settle([parcel.id for parcel in parcels], {})
        done += len(parcels)
        most_mb = max(most_mb, resident_mb())
        if done % part < len(parcels):
            progress(f"outbox: drained {done:,} of {ROWS:,}")
    return time.perf_counter() - began_s, most_mb


def _mixed(first: int, end: int) -> Sequence[Summary]:
    return [(_presence, _device, _energy)[number % 3](number) for number in range(first, end)]


def _presence(number: int) -> Summary:
    return Presence(hour=_HOUR, room=f"room-{number % 20}", minutes=number % 60)


def _energy(number: int) -> Summary:
    return Energy(hour=_HOUR, thing=f"heater-{number % 20}", kwh=number % 7, metered=True)


def _device(number: int) -> Summary:
    return DeviceHealth(hour=_HOUR, device=f"device-{number % 50}", readings=number, level=Level.OK)


def _row(name: str, value: float, unit: str, *, least: float | None = None, most: float | None = None) -> Row:
    """With the goal that it is at least, or at most, so much."""
    if least is not None:
        return Row(name=name, value=value, unit=unit, goal=f">= {least:g}", holds=value >= least)
    if most is not None:
        return Row(name=name, value=value, unit=unit, goal=f"<= {most:g}", holds=value <= most)
    return Row(name=name, value=value, unit=unit, goal=None, holds=None)
