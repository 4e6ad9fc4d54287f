"""Every byte that left the home, for its people to read."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.store.database import Database

KEPT = 20_000
"""The last ones, some 6 MB and a year of a usual home; totals go on."""

_ADD = "INSERT INTO departures (time, topic, body) VALUES (?, ?, ?)"
_COUNT = """
INSERT INTO departed VALUES (?, ?, ?)
ON CONFLICT (topic) DO UPDATE SET count = count + excluded.count, bytes = bytes + excluded.bytes
"""
_TRIM = "DELETE FROM departures WHERE id <= (SELECT MAX(id) FROM departures) - ?"
_RECENT = "SELECT id, time, topic, body FROM departures WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One payload as it went out, at an aware time; `id` orders them, 0 where it was not kept yet."""

    time: datetime
    topic: str
    body: bytes
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Departed:
    count: int
    bytes: int


class Departures:
    """Methods raise what `Database.run` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, left: Sequence[Departure]) -> None:
        """Durable when this returns; the oldest beyond `KEPT` are forgotten."""
        rows = [(one.time.astimezone(UTC).isoformat(), one.topic, one.body) for one in left]
        counts = Counter(one.topic for one in left)
        sizes: Counter[str] = Counter()
        for one in left:
            sizes[one.topic] += len(one.body)

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(_ADD, rows)
            connection.executemany(_COUNT, [(topic, counts[topic], sizes[topic]) for topic in counts])
            connection.execute(_TRIM, (KEPT,))

        await self._database.run(work)

    async def recent(self, limit: int, before: int | None = None) -> list[Departure]:
        """Newest first; `before` is an id to page on from."""
        rows = await self._database.run(lambda c: c.execute(_RECENT, (before, limit)).fetchall())
        return [
            Departure(id=number, time=datetime.fromisoformat(time), topic=topic, body=bytes(body))
            for number, time, topic, body in rows
        ]

    async def totals(self) -> Mapping[str, Departed]:
        """All that ever left, by topic."""
        rows = await self._database.run(lambda c: c.execute("SELECT * FROM departed ORDER BY topic").fetchall())
        return {str(topic): Departed(count=count, bytes=size) for topic, count, size in rows}
