"""How the file of an outbox is opened, and what is known of the one it stands in for."""

import secrets
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

from gateway.store.file import PRAGMAS, Layout
from gateway.store.outbox.drops import Drop, count, untold
from gateway.store.outbox.shelf import Removed
from gateway.types import Stamp
from gateway.wire.summary import DropReason, Stream

_PRAGMAS = (
    "PRAGMA auto_vacuum = INCREMENTAL",  # has to come before the first byte of the file
    *PRAGMAS,
    "PRAGMA secure_delete = OFF",  # what was deleted has left the house, or was to
    "PRAGMA wal_autocheckpoint = 1000",
)


class Life:
    """`epoch` is that of the open file, and changes on the writer's thread where a damaged file is begun anew. `boot`
    tells this boot from others."""

    def __init__(self, now: Stamp) -> None:
        self._now = now
        self.epoch = 0
        self.boot = zlib.crc32(now.boot.encode())

    def layout(self) -> Layout:
        return Layout(package="gateway.store.outbox", pragmas=_PRAGMAS, checked=False, ready=self._ready)

    def _ready(self, connection: sqlite3.Connection, aside: Path | None) -> None:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("SELECT epoch FROM life").fetchone() is None:
            connection.execute("INSERT INTO life VALUES (?, 0)", (self._new_epoch(),))
            for drop in _lost(aside) if aside else ():
                count(connection, drop)
        (self.epoch,) = connection.execute("SELECT epoch FROM life").fetchone()
        connection.execute("COMMIT")

    def _new_epoch(self) -> int:
        """Later than the last one that this process knows of, whatever the clock says."""
        fresh = max(0, int(self._now.wall.timestamp() * 1000)) * 1024 + secrets.randbits(10)
        return max(fresh, self.epoch + 1)


def _lost(aside: Path) -> list[Drop]:
    """What waited in a damaged file, by its own counts; where they cannot be read, a drop of nobody knows how many."""
    try:
        with closing(sqlite3.connect(f"{aside.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT stream, rows, bytes FROM streams WHERE rows > 0").fetchall()
            return [*untold(connection), *(_corrupt(Stream(name), *numbers) for name, *numbers in rows)]
    except (sqlite3.Error, ValueError, TypeError):
        return [_corrupt(Stream.DROPS, 0, 0)]


def _corrupt(stream: Stream, rows: int, size: int) -> Drop:
    return Drop(stream=stream, reason=DropReason.CORRUPT, hour=0, gone=Removed(rows=int(rows), bytes=max(int(size), 0)))
