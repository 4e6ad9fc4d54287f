"""What rooms lived through, and what their control remembers over a restart."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.store.database import Database

KEPT_DAYS = 400.0
"""A winter to compare with the last one; some 27 MB a room."""

_DIGITS = 3

_ADD = "INSERT INTO climate_rows VALUES (?, ?, ?) ON CONFLICT (room, time) DO UPDATE SET body = excluded.body"
_ROWS = "SELECT time, body FROM climate_rows WHERE room = ? AND time >= ? AND time < ? ORDER BY time"
_SAVE = """
INSERT INTO climate_snapshots VALUES (?, ?, ?)
ON CONFLICT (room) DO UPDATE SET wall = excluded.wall, body = excluded.body
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateRow:
    """A room at a time (aware UTC). `columns` are numbers by name, in canonical units; unknown ones are absent."""

    time: datetime
    columns: Mapping[str, float]


class ClimateLog:
    """Rows and snapshots by room. Methods raise what `Database.run` raises; times are aware."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_row(self, room: str, time: datetime, columns: Mapping[str, float | None]) -> None:
        """Durable when this returns; the same time again replaces the row. None and what is not finite is unknown;
        numbers are kept to the thousandth."""
        known = {
            name: round(value, _DIGITS) for name, value in columns.items() if value is not None and math.isfinite(value)
        }
        row = (room, int(time.timestamp()), json.dumps(known))
        await self._database.run(lambda c: c.execute(_ADD, row).rowcount)

    async def rows(self, room: str, since: datetime, until: datetime) -> list[ClimateRow]:
        """Oldest first, from `since` up to but without `until`."""
        asked = (room, math.ceil(since.timestamp()), math.ceil(until.timestamp()))
        found = await self._database.run(lambda c: c.execute(_ROWS, asked).fetchall())
        return [ClimateRow(time=datetime.fromtimestamp(time, UTC), columns=json.loads(body)) for time, body in found]

    async def trim(self, before: datetime) -> int:
        """Delete rows older than `before`; how many went."""
        oldest = math.ceil(before.timestamp())
        return await self._database.run(
            lambda c: c.execute("DELETE FROM climate_rows WHERE time < ?", (oldest,)).rowcount
        )

    async def snapshot(self, room: str, state: Mapping[str, Any], at: datetime) -> None:
        """Durable when this returns; only the last one of a room is kept. Raises ValueError for what is no JSON."""
        row = (room, at.astimezone(UTC).isoformat(), json.dumps(state, allow_nan=False))
        await self._database.run(lambda c: c.execute(_SAVE, row).rowcount)

    async def restore(self, room: str) -> Mapping[str, Any]:
        """The last snapshot; empty where there is none, or where it is damaged."""
        query = "SELECT body FROM climate_snapshots WHERE room = ?"
        row = await self._database.run(lambda c: c.execute(query, (room,)).fetchone())
        try:
            state = {} if row is None else json.loads(row[0])
        except ValueError:
            return {}
        return state if isinstance(state, dict) else {}
