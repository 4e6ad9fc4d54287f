"""What was dropped: counted in the transaction that drops it, and told as summaries."""

import sqlite3
from dataclasses import dataclass

from gateway.store.outbox.shelf import Removed
from gateway.wire.summary import Dropped, DropReason, Stream

_UNTOLD = 1000
"""Counts that are kept hour by hour; beyond, the hours of a stream and reason become one."""

_COUNT = """
INSERT INTO drops VALUES (?, ?, ?, ?, ?)
ON CONFLICT (stream, reason, hour) DO UPDATE SET count = count + excluded.count, bytes = bytes + excluded.bytes
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """`hour` is the POSIX time it began, in s; 0 where no clock was believed. `bytes` is of the bodies."""

    stream: Stream
    reason: DropReason
    hour: int
    gone: Removed


def count(connection: sqlite3.Connection, drop: Drop) -> None:
    row = (drop.stream.value, drop.reason.value, drop.hour, drop.gone.rows, drop.gone.bytes)
    connection.execute(_COUNT, row)


def untold(connection: sqlite3.Connection) -> list[Drop]:
    """Oldest hour first."""
    rows = connection.execute("SELECT stream, reason, hour, count, bytes FROM drops ORDER BY hour, stream, reason")
    return [
        Drop(stream=Stream(stream), reason=DropReason(reason), hour=hour, gone=Removed(rows=rows, bytes=size))
        for stream, reason, hour, rows, size in rows
    ]


def summary(drop: Drop, hour: int) -> Dropped:
    """`hour` stands in where `drop` has none."""
    gone = drop.gone
    return Dropped(hour=drop.hour or hour, stream=drop.stream, reason=drop.reason, count=gone.rows, bytes=gone.bytes)


def told(connection: sqlite3.Connection, drop: Drop) -> None:
    """Forget it: it is a summary now."""
    key = (drop.stream.value, drop.reason.value, drop.hour)
    connection.execute("DELETE FROM drops WHERE stream = ? AND reason = ? AND hour = ?", key)


def fold(connection: sqlite3.Connection) -> None:
    """Counts that cannot be told for long give up their hours, and no number."""
    drops = untold(connection)
    if len(drops) <= _UNTOLD:
        return
    connection.execute("DELETE FROM drops")
    newest = {(drop.stream, drop.reason): drop.hour for drop in drops}
    for drop in drops:
        hour = newest[drop.stream, drop.reason]
        count(connection, Drop(stream=drop.stream, reason=drop.reason, hour=hour, gone=drop.gone))
