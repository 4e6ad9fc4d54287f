"""A damaged file, a full disk and a flipped bit: never a crash, never in silence, and always a way back."""

import os
import sqlite3
from pathlib import Path

import pytest

from gateway.errors import Refused, Transient
from gateway.flow.board import Board, Counters
from gateway.store.file import DatabaseFile
from gateway.testing.clock import FakeClock
from gateway.types import Level
from gateway.wire.summary import Dropped, DropReason, Stream
from tests.unit.store.outbox.words import HOUR, energy, outbox, presence, said, wall


async def _fill(tmp_path: Path, rows: int) -> int:
    """The epoch that it then has."""
    async with outbox(tmp_path) as box:
        await box.put([presence(number) for number in range(rows)], None)
        return box.epoch


def _told(drops: tuple[Dropped, ...]) -> list[tuple[Stream, DropReason, int]]:
    return [(one.stream, one.reason, one.count) for one in drops]


async def test_a_file_that_is_none_is_set_aside_and_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(garbage := os.urandom(8192))
    board, counters = Board(), Counters()
    async with outbox(tmp_path, board=board, counters=counters) as box:
        await box.put([presence(1)], None)
        assert said(await box.next(10, 10_000)) == [presence(1)]
        assert _told(await box.drops()) == [(Stream.DROPS, DropReason.CORRUPT, 0)], "nobody knows how many"
    (aside,) = tmp_path.glob("outbox.db.corrupt-*")
    assert aside.read_bytes() == garbage
    assert counters.get("outbox.corrupt") == 1
    state = board.all()["outbox"]
    assert (state.level, state.key) == (Level.DEGRADED, "store_corrupt")


def _holed(path: Path) -> None:
    """Every page is damaged but the first few, on which the counts are."""
    with path.open("r+b") as file:
        file.seek(32 * 4096)
        file.write(b"\xa5" * (path.stat().st_size - 32 * 4096))


async def test_damage_found_on_use_begins_a_new_epoch_and_what_is_lost_is_counted(tmp_path: Path) -> None:
    former = await _fill(tmp_path, 2000)
    _holed(tmp_path / "outbox.db")
    clock, counters = FakeClock(), Counters()
    async with outbox(tmp_path, clock=clock, counters=counters) as box:
        assert box.epoch == former, "opening looks at nothing"
        assert await box.next(2000, 10**9) == ()
        assert box.epoch > former
        (new,) = await box.put([presence(1)], None)
        assert new is not None
        assert (new.epoch, new.seq) == (box.epoch, 1)
        assert _told(await box.drops()) == [(Stream.PRESENCE, DropReason.CORRUPT, 2000)]
        await box.settle([parcel.id for parcel in await box.next(10, 10_000)], {})
        assert await box.next(10, 10_000) == ()
    assert counters.get("outbox.corrupt") == 1


async def test_the_next_epoch_is_later_though_the_clock_went_back(tmp_path: Path) -> None:
    former = await _fill(tmp_path, 2000)
    _holed(tmp_path / "outbox.db")
    behind = FakeClock(FakeClock().now().wall.replace(year=1970))
    async with outbox(tmp_path, clock=behind) as box:
        await box.next(2000, 10**9)
        assert box.epoch == former + 1


async def test_a_row_that_is_not_what_was_written_is_dropped_alone(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        await box.put([presence(1), presence(2), energy(3)], None)
        query = "UPDATE parcels SET body = replace(body, 'r1', 'r7') WHERE stream = 'presence' AND seq = 1"
        await box._office.database.run(lambda c: c.execute(query).rowcount)
        assert await box.peek(Stream.PRESENCE, 0, 1) == ()
        assert said(await box.next(10, 10_000)) == [energy(3), presence(2)]
        assert _told(await box.drops()) == [(Stream.PRESENCE, DropReason.CORRUPT, 1)]


async def test_rows_that_are_counted_and_gone_are_told_instead_of_waited_for(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        await box.put([presence(1), presence(2)], None)
        await box._office.database.run(lambda c: c.execute("DELETE FROM parcels").rowcount)
        assert await box.next(10, 10_000) == ()
        assert (await box.waiting())[Stream.PRESENCE].rows == 0
        assert _told(await box.drops()) == [(Stream.PRESENCE, DropReason.CORRUPT, 2)]


async def test_a_full_disk_is_a_drop_that_is_counted_once_there_is_room(tmp_path: Path) -> None:
    clock, board, counters = FakeClock(), Board(), Counters()
    async with outbox(tmp_path, clock=clock, board=board, counters=counters) as box:
        await box.put([presence(1)], wall(clock))
        await box._office.database.run(lambda c: c.execute("PRAGMA max_page_count = 1").fetchone())
        assert await box.put([presence(2), *map(energy, range(200))], wall(clock)) == (None,) * 201
        assert await box.put([presence(3), *map(energy, range(200))], wall(clock)) == (None,) * 201
        assert board.all()["outbox"].key == "disk_full"
        assert counters.get("outbox.dropped") == 402
        await box._office.database.run(lambda c: c.execute("PRAGMA max_page_count = 1000000").fetchone())
        assert None not in await box.put([presence(4)], wall(clock))
        assert board.all()["outbox"].level is Level.OK
        assert said(await box.next(10, 10_000)) == [presence(1), presence(4)]
        told = await box.drops()
        assert _told(told) == [(Stream.ENERGY, DropReason.DISK, 400), (Stream.PRESENCE, DropReason.DISK, 2)]
        assert {one.hour for one in told} == {HOUR}
        sizes = [len(parcel.body) for parcel in await box.peek(Stream.PRESENCE, 0, 2)]
        assert told[1].bytes == sum(sizes)
        assert await box.drops() == ()


async def test_what_a_full_disk_dropped_is_counted_at_the_end_at_the_latest(tmp_path: Path) -> None:
    async with outbox(tmp_path) as box:
        await box._office.database.run(lambda c: c.execute("PRAGMA max_page_count = 1").fetchone())
        assert set(await box.put([energy(number) for number in range(200)], None)) == {None}
        await box._office.database.run(lambda c: c.execute("PRAGMA max_page_count = 1000000").fetchone())
    async with outbox(tmp_path) as box:
        assert _told(await box.drops()) == [(Stream.ENERGY, DropReason.DISK, 200)]


async def test_no_room_to_begin_anew_is_weather_and_has_a_way_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _fill(tmp_path, 2000)
    _holed(tmp_path / "outbox.db")
    real = DatabaseFile.open

    def full(_file: DatabaseFile) -> sqlite3.Connection:
        raise OSError(28, "No space left on device")

    async with outbox(tmp_path) as box:
        monkeypatch.setattr(DatabaseFile, "open", full)
        with pytest.raises(Transient, match="disk_full"):
            await box.next(2000, 10**9)
        assert await box.put([presence(1), energy(1)], None) == (None, None)
        monkeypatch.setattr(DatabaseFile, "open", real)
        assert None not in await box.put([presence(2)], None)
        assert said(await box.next(10, 10_000)) == [presence(2)]
        assert sorted(_told(await box.drops())) == [
            (Stream.ENERGY, DropReason.DISK, 1),
            (Stream.PRESENCE, DropReason.CORRUPT, 2000),
            (Stream.PRESENCE, DropReason.DISK, 1),
        ]


async def test_a_file_of_a_newer_release_is_refused_and_left_alone(tmp_path: Path) -> None:
    await _fill(tmp_path, 1)
    with sqlite3.connect(tmp_path / "outbox.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(Refused, match="store_schema_newer"):
        async with outbox(tmp_path):
            pass
    assert [file.name for file in tmp_path.iterdir()] == ["outbox.db"]
