"""The rows of one stream, within one transaction."""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.wire.summary import Stream

ROW_BYTES = 104
"""What a row costs on the disk beside its body, as measured with bodies of 420 bytes."""

STEP = 500
"""Most rows that one transaction removes on its own account: nobody waits long behind it."""

_TALLY = "SELECT seq, rows, bytes FROM streams WHERE stream = ?"
_SAVE = """
INSERT INTO streams VALUES (?, ?, ?, ?)
ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, rows = excluded.rows, bytes = excluded.bytes
"""
_RANGE = "FROM parcels WHERE stream = ? AND seq BETWEEN ? AND ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Born:
    """When a row came in: `time` in POSIX s, None where no clock was believed; `mono_s` since the start of `boot`."""

    time: int | None
    boot: int
    mono_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`body` is None where it is not what was written."""

    seq: int
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """`bytes` is of the bodies."""

    rows: int = 0
    bytes: int = 0


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of every run without a gap, in order."""
    first = last = None
    for number in sorted(numbers):
        if first is None or last is None or number > last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


class Shelf:
    """`rows` and `bytes` are counted along in the table `streams`: call `save` at the end."""

    def __init__(self, connection: sqlite3.Connection, stream: Stream) -> None:
        self._connection = connection
        self.stream = stream
        found: tuple[int, int, int] | None = connection.execute(_TALLY, (stream.value,)).fetchone()
        self._found = found or (0, 0, 0)
        self.seq, self.rows, self.bytes = self._found

    @property
    def cost(self) -> int:
        """Bytes on the disk, near enough."""
        return self.bytes + self.rows * ROW_BYTES

    def append(self, body: bytes, born: Born) -> None:
        """As number `seq` + 1."""
        self.seq += 1
        row = (self.stream.value, self.seq, born.time, born.boot, born.mono_s, zlib.crc32(body), body)
        self._connection.execute("INSERT INTO parcels VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self.rows += 1
        self.bytes += len(body)

    def remove(self, first: int, last: int) -> Removed:
        """Rows numbered `first` to `last`, both included, as far as they are there."""
        span = (self.stream.value, first, last)
        rows, size = self._connection.execute(f"SELECT count(*), total(length(body)) {_RANGE}", span).fetchone()
        if rows:
            self._connection.execute(f"DELETE {_RANGE}", span)
        self.rows -= rows
        self.bytes -= int(size)
        return Removed(rows=rows, bytes=int(size))

    def remove_oldest(self, cost: int) -> Removed:
        """As many of the oldest rows as cost these bytes, at most `STEP` of them."""
        if cost <= 0:
            return Removed()
        query = "SELECT seq, ifnull(length(body), 0) FROM parcels WHERE stream = ? ORDER BY seq LIMIT ?"
        first = last = None
        for seq, size in self._connection.execute(query, (self.stream.value, STEP)):
            if cost <= 0:
                break
            first, last = seq if first is None else first, seq
            cost -= size + ROW_BYTES
        return Removed() if first is None or last is None else self.remove(first, last)

    def remove_before(self, time: int) -> Removed:
        """Rows born before the POSIX time, at most `STEP` of them; those without a time stay."""
        query = "SELECT seq FROM parcels WHERE stream = ? AND time < ? ORDER BY time LIMIT ?"
        old = self._connection.execute(query, (self.stream.value, time, STEP)).fetchall()
        gone = [self.remove(first, last) for first, last in runs(seq for (seq,) in old)]
        return Removed(rows=sum(part.rows for part in gone), bytes=sum(part.bytes for part in gone))

    def read(self, limit: int, after: int = 0) -> list[Row]:
        """Oldest first."""
        query = "SELECT seq, crc, CAST(body AS BLOB) FROM parcels WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?"
        found = self._connection.execute(query, (self.stream.value, after, limit))
        return [Row(seq=seq, body=body if zlib.crc32(body or b"") == crc else None) for seq, crc, body in found]

    def oldest(self) -> Born | None:
        query = "SELECT time, boot, mono_s FROM parcels WHERE stream = ? ORDER BY seq LIMIT 1"
        found = self._connection.execute(query, (self.stream.value,)).fetchone()
        return None if found is None else Born(time=found[0], boot=found[1], mono_s=found[2])

    def forget(self) -> Removed:
        """What was counted and is not there: the rest of a stream whose rows have all been read."""
        lost = Removed(rows=max(self.rows, 0), bytes=max(self.bytes, 0))
        self.rows = self.bytes = 0
        return lost

    def save(self) -> None:
        tally = (self.seq, self.rows, self.bytes)
        if tally != self._found:
            self._connection.execute(_SAVE, (self.stream.value, *tally))
