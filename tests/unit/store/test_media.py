"""Media stays within its bounds and never deletes what it cannot judge."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import Invalid, Refused, Transient
from gateway.flow.board import Counters
from gateway.store.database import Database
from gateway.store.events import EventLog
from gateway.store.media import MediaStore
from gateway.store.retention import forget_strangers
from gateway.types import Kind, Stamp
from tests.unit.store.words import START, event

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY_S = 86400.0


def _at(moment: datetime) -> Stamp:
    return Stamp(wall=moment, mono_ns=0)


def _age(path: Path, days: float) -> None:
    written = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (written, written))


def _store(
    directory: Path, *, max_bytes: int = 1000, free: int = 1 << 40, counters: Counters | None = None
) -> MediaStore:
    return MediaStore(directory, max_bytes, DAY_S, counters=counters, free_bytes=lambda _directory: free)


async def test_bytes_come_back(tmp_path: Path) -> None:
    async with _store(tmp_path / "media") as media:
        await media.put("a.jpg", b"picture")
        assert await media.get("a.jpg") == b"picture"
        assert await media.get("b.jpg") is None
        assert await media.remove("a.jpg") is True
        assert await media.remove("a.jpg") is False
        assert list((tmp_path / "media").iterdir()) == []


@pytest.mark.parametrize(
    "name", ["", "../a.jpg", "/etc/passwd", ".hidden", "a/b.jpg", "a\n.jpg", "a.jpg\n", "a..b", "ä"]
)
async def test_a_name_cannot_leave_the_directory(tmp_path: Path, name: str) -> None:
    async with _store(tmp_path / "media") as media:
        for call in (media.get, media.remove):
            with pytest.raises(Invalid, match="media_name"):
                await call(name)
        with pytest.raises(Invalid, match="media_name"):
            await media.put(name, b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["media"]


async def test_the_oldest_make_room(tmp_path: Path) -> None:
    counters = Counters()
    async with _store(tmp_path, counters=counters) as media:
        for number in range(4):
            await media.put(f"{number}.jpg", b"x" * 250)
            _age(tmp_path / f"{number}.jpg", 10 - number)
        await media.put("new.jpg", b"x" * 400)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["2.jpg", "3.jpg", "new.jpg"]
    assert counters.get("media.expired") == 2


async def test_age_counts_and_files_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / "family film (1998).mp4").write_bytes(b"precious")
    _age(tmp_path / "family film (1998).mp4", 9000)
    async with _store(tmp_path) as media:
        await media.put("old.jpg", b"x")
        await media.put("new.jpg", b"x")
        _age(tmp_path / "old.jpg", 1.1)
        _age(tmp_path / "new.jpg", 0.9)
        assert await media.retain(_at(NOW)) == 1
        assert await media.get("old.jpg") is None
        assert await media.get("new.jpg") == b"x"
    assert (tmp_path / "family film (1998).mp4").exists()


async def test_a_clock_that_was_not_set_deletes_nothing(tmp_path: Path) -> None:
    async with _store(tmp_path) as media:
        await media.put("a.jpg", b"x")
        os.utime(tmp_path / "a.jpg", (1000.0, 1000.0))
        assert await media.retain(_at(NOW)) == 0
        _age(tmp_path / "a.jpg", 5)
        assert await media.retain(_at(datetime(1970, 1, 1, tzinfo=UTC))) == 0
        assert await media.retain(_at(NOW)) == 1


async def test_the_reserve_is_kept_and_nothing_is_deleted_in_vain(tmp_path: Path) -> None:
    counters = Counters()
    async with _store(tmp_path) as media:
        await media.put("a.jpg", b"x" * 100)
    async with _store(tmp_path, free=1000, counters=counters) as media:
        with pytest.raises(Transient, match="disk_full"):
            await media.put("b.jpg", b"x")
        assert await media.get("a.jpg") is not None
    assert counters.get("media.failed") == 1
    async with _store(tmp_path, free=(64 << 20) - 50) as media:
        await media.put("b.jpg", b"x" * 50)
    assert [path.name for path in tmp_path.iterdir()] == ["b.jpg"]


async def test_what_a_power_cut_left_half_written_is_cleared(tmp_path: Path) -> None:
    (tmp_path / ".part-abc").write_bytes(b"half")
    async with _store(tmp_path):
        assert list(tmp_path.iterdir()) == []


async def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refused, match="media_unwritable"):
        async with _store(tmp_path / "file"):
            pass


async def test_pictures_of_strangers_go_and_all_others_stay(tmp_path: Path) -> None:
    async with Database(tmp_path / "gateway.db") as database, _store(tmp_path / "media") as media:
        log = EventLog(database)
        kinds = (Kind.FACE_UNKNOWN, Kind.FACE_RECOGNISED, Kind.FACE_UNKNOWN, Kind.MOTION_BEGAN)
        for number, kind in enumerate(kinds, start=1):
            await media.put(f"{number}.jpg", b"picture")
            await log.add(event(number, kind, evidence=f"{number}.jpg"))
        assert await forget_strangers(log, media, START + timedelta(seconds=2)) == 1
        assert sorted(path.name for path in (tmp_path / "media").iterdir()) == ["2.jpg", "3.jpg", "4.jpg"]
        assert [one.evidence for one in await log.recent(10)] == ["4.jpg", "3.jpg", "2.jpg", None]
        assert await forget_strangers(log, media, START + timedelta(seconds=2)) == 0
