"""The log of what happened."""

import sqlite3
from datetime import datetime

from gateway.store.codec import event_from, event_json
from gateway.store.database import Database
from gateway.types import Event, Kind

_ADD = """
INSERT INTO events (id, kind, source, label, wall, body) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, source = excluded.source, label = excluded.label,
                               wall = excluded.wall, body = excluded.body
"""
_RECENT = """
SELECT body FROM events
WHERE (:before IS NULL OR id < :before) AND (:kind IS NULL OR kind = :kind)
  AND (:source IS NULL OR source = :source)
ORDER BY id DESC LIMIT :limit
"""
_PICTURED = """
SELECT body FROM events WHERE kind = ? AND wall < ? AND json_extract(body, '$.evidence') IS NOT NULL ORDER BY id
"""


class EventLog:
    """Events by their time-ordered id. All methods raise what `Database.run` raises; nothing is lost silently."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, event: Event) -> None:
        """Durable when this returns. An event with a known id replaces it (it has ended meanwhile)."""
        await self._database.run(lambda connection: insert(connection, event))

    async def recent(
        self, limit: int, before: str | None = None, kind: Kind | None = None, source: str | None = None
    ) -> list[Event]:
        """At most `limit` events, newest first, older than the event id `before`, of that kind and source."""
        asked = {"limit": limit, "before": before, "kind": kind, "source": source}
        return [
            event_from(body) for (body,) in await self._database.run(lambda c: c.execute(_RECENT, asked).fetchall())
        ]

    async def get(self, event_id: str) -> Event | None:
        return await self._database.run(lambda connection: find(connection, event_id))

    async def trim(self, before: datetime) -> int:
        """Delete events older than the aware UTC time `before`; how many went."""
        return await self._database.run(
            lambda c: c.execute("DELETE FROM events WHERE wall < ?", (before.isoformat(),)).rowcount
        )

    async def pictured(self, kind: Kind, before: datetime) -> list[Event]:
        """Events of `kind` older than the aware UTC time `before` that still name a picture, oldest first."""
        rows = await self._database.run(lambda c: c.execute(_PICTURED, (kind.value, before.isoformat())).fetchall())
        return [event_from(body) for (body,) in rows]


def insert(connection: sqlite3.Connection, event: Event) -> None:
    """As `EventLog.add`, for use inside `Database.run`: together with what the event tells of."""
    row = (event.id, event.kind.value, event.source, event.label, event.stamp.wall.isoformat(), event_json(event))
    connection.execute(_ADD, row)


def find(connection: sqlite3.Connection, event_id: str) -> Event | None:
    """The event of that id, or None. For use inside `Database.run`."""
    row = connection.execute("SELECT body FROM events WHERE id = ?", (event_id,)).fetchone()
    return None if row is None else event_from(row[0])
