"""Every outbox a release ever wrote opens today, and what waited in it leaves."""

import sqlite3
from pathlib import Path

import pytest

from gateway.store.file import migrations
from gateway.wire.summary import Dropped, DropReason, Stream
from tests.unit.store.outbox.words import HOUR, device, outbox, presence, said

DUMPS = sorted(Path(__file__).parent.glob("outbox_v*.sql"))


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
async def test_an_old_dump_opens_with_its_rows(dump: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "outbox.db")
    connection.executescript(dump.read_text(encoding="utf-8"))
    connection.close()
    async with outbox(tmp_path) as box:
        assert box.epoch == 1809683251200600
        assert said(await box.next(10, 10_000)) == [device(4), presence(2)]
        assert await box.put([presence(3)], None, once="hour/1") == (None,)
        (new,) = await box.put([presence(3)], None)
        assert new is not None
        assert new.seq == 3
        gone = Dropped(hour=HOUR, stream=Stream.ENERGY, reason=DropReason.REFUSED, count=1, bytes=267)
        assert await box.drops() == (gone,)


def test_there_is_a_dump_of_every_version() -> None:
    assert [int(dump.stem.removeprefix("outbox_v")) for dump in DUMPS] == list(migrations("gateway.store.outbox"))
