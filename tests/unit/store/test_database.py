"""What a power cut, a damaged file and a full disk do to the store."""

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Refused, Transient
from gateway.flow.board import Board, Counters
from gateway.store.database import Database
from gateway.store.events import EventLog
from gateway.store.file import migrations
from gateway.types import Level
from tests.unit.store.words import event

WRITER = """
import asyncio, sys
from pathlib import Path
from typing import Any
from gateway.store.database import Database
from gateway.store.events import EventLog
from tests.unit.store.words import event

async def main():
    async with Database(Path(sys.argv[1])) as database:
        log = EventLog(database)
        for number in range(1, 100000):
            await log.add(event(number))
            print(number, flush=True)

asyncio.run(main())
"""


async def _fill(path: Path, count: int) -> None:
    async with Database(path) as database:
        log = EventLog(database)
        await asyncio.gather(*(log.add(event(number)) for number in range(1, count + 1)))


async def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert child.stdout is not None
    acknowledged = 0
    while acknowledged < 40:
        acknowledged = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    rest = child.communicate()[0].split(b"\n")
    acknowledged = max([acknowledged, *(int(line) for line in rest[:-1])])
    counters = Counters()
    async with Database(path, counters=counters) as database:
        kept = {int(one.id, 16) for one in await EventLog(database).recent(100_000)}
    assert set(range(1, acknowledged + 1)) <= kept
    assert counters.get("store.corrupt") == 0


def _garbage(path: Path) -> None:
    path.write_bytes(os.urandom(8192))


def _truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _holed(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))


@pytest.mark.parametrize("damage", [_garbage, _truncated, _holed])
async def test_a_damaged_file_is_set_aside_and_begun_anew(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "gateway.db"
    await _fill(path, 200)
    assert callable(damage)
    damage(path)
    harmed = path.read_bytes()
    board, counters = Board(), Counters()
    async with Database(path, report=board.report, counters=counters) as database:
        log = EventLog(database)
        assert await log.recent(10) == []
        await log.add(event(1))
        assert await log.recent(10) == [event(1)]
    (aside,) = tmp_path.glob("gateway.db.corrupt-*")
    assert aside.read_bytes() == harmed
    assert counters.get("store.corrupt") == 1
    state = board.all()["store"]
    assert (state.level, state.key) == (Level.DEGRADED, "store_corrupt")
    assert aside.name in state.detail


async def test_damage_found_while_running_costs_no_new_event(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    await _fill(path, 200)
    board, counters = Board(), Counters()
    async with Database(path, report=board.report, counters=counters) as database:
        await database.scrub()
        with path.open("r+b") as file:
            file.write(b"\0" * path.stat().st_size)
        log = EventLog(database)
        await database.run(lambda c: c.execute("PRAGMA shrink_memory").fetchall())
        await log.add(event(1000))
        assert await log.recent(1) == [event(1000)]
    assert counters.get("store.corrupt") == 1
    assert board.all()["store"].key == "store_corrupt"


async def test_only_the_newest_damaged_copies_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    for _ in range(4):
        _garbage(path)
        async with Database(path):
            pass
    assert len(list(tmp_path.glob("gateway.db.corrupt-*"))) == 2


async def test_a_full_disk_is_an_error_for_each_write_and_has_a_way_back(tmp_path: Path) -> None:
    board, counters = Board(), Counters()
    async with Database(tmp_path / "gateway.db", report=board.report, counters=counters) as database:
        log = EventLog(database)
        await log.add(event(1))
        await database.run(lambda c: c.execute("PRAGMA max_page_count = 1").fetchone())
        answers = await asyncio.gather(*(log.add(event(n)) for n in range(2, 200)), return_exceptions=True)
        refused = {n for n, answer in enumerate(answers, start=2) if answer is not None}
        assert refused
        assert {str(answers[n - 2]) for n in refused} == {"disk_full (sqlite=SQLITE_FULL)"}
        assert all(isinstance(answers[n - 2], Transient) for n in refused)
        assert board.all()["store"].key == "disk_full"
        kept = {int(one.id, 16) for one in await log.recent(1000)}
        assert kept == set(range(1, 200)) - refused
        assert counters.get("store.failed") == len(refused)
        await database.run(lambda c: c.execute("PRAGMA max_page_count = 1000000").fetchone())
        await log.add(event(500))
        assert board.all()["store"].level is Level.OK


async def test_one_bad_job_in_a_batch_spoils_no_other(tmp_path: Path) -> None:
    async with Database(tmp_path / "gateway.db") as database:
        log = EventLog(database)

        def broken(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM events")
            raise ValueError("a bug")

        jobs = [log.add(event(1)), log.add(event(2)), database.run(broken), log.add(event(3))]
        answers = await asyncio.gather(*jobs, return_exceptions=True)
        assert [type(answer) for answer in answers] == [type(None), type(None), ValueError, type(None)]
        assert len(await log.recent(10)) == 3


async def test_closing_flushes_what_was_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    async with Database(path) as database:
        log = EventLog(database)
        tasks = [asyncio.create_task(log.add(event(number))) for number in range(1, 301)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
    async with Database(path) as database:
        assert len(await EventLog(database).recent(1000)) == 300


async def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    await _fill(path, 1)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(Refused, match="store_schema_newer") as caught:
        async with Database(path):
            pass
    assert caught.value.facts == {"found": 999, "known": max(migrations())}
    assert [file.name for file in tmp_path.iterdir()] == ["gateway.db"]


async def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refused, match="store_unwritable"):
        async with Database(tmp_path / "file" / "gateway.db"):
            pass


async def test_files_are_private_and_the_thread_has_a_name(tmp_path: Path) -> None:
    path = tmp_path / "data" / "gateway.db"
    async with Database(path) as database:
        await EventLog(database).add(event(1))
        assert "store-writer" in {thread.name for thread in threading.enumerate()}
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert "store-writer" not in {thread.name for thread in threading.enumerate()}


async def test_a_journal_that_fills_the_disk_is_emptied_instead_of_losing_writes(tmp_path: Path) -> None:
    board, counters = Board(), Counters()
    async with Database(tmp_path / "gateway.db", report=board.report, counters=counters) as database:
        emptied = _journal_is_full_once(database)
        await EventLog(database).add(event(1))
        assert await EventLog(database).recent(10) == [event(1)]
        assert emptied() == 0
    assert counters.get("store.failed") == 0
    assert board.all()["store"].level is Level.OK


def _journal_is_full_once(database: Database) -> Callable[[], int]:
    """The first COMMIT finds no room, as on a disk that the journal has filled; gives the journal's size."""
    writer = database._writer
    real, failed = writer._commit, False

    def commit(jobs: list[Any]) -> list[Any]:
        nonlocal failed
        if not failed:
            failed = True
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        sizes.append(database.path.with_name(database.path.name + "-wal").stat().st_size)
        return real(jobs)

    sizes: list[int] = []
    writer._commit = commit  # type: ignore[method-assign]
    return lambda: sizes[0]
