"""How far each model's roll-out is, and what people said of the events that models made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from gateway.errors import Invalid
from gateway.store.database import Database
from gateway.store.events import find, insert
from gateway.types import Event, Kind

_SAVE = "INSERT INTO rollouts VALUES (?, ?) ON CONFLICT (model) DO UPDATE SET body = excluded.body"
_CORRECT = """
INSERT INTO corrections VALUES (?, ?, ?) ON CONFLICT (event) DO UPDATE SET wrong = excluded.wrong, wall = excluded.wall
"""


class RolloutTable:
    """One row a model; `body` is opaque here. Methods raise what `Database.run` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, model: str, body: str, decisions: Iterable[Event] = ()) -> None:
        """Durable when this returns: the row and the events that tell of the decisions, all or nothing."""
        told = tuple(decisions)

        def work(connection: Connection) -> None:
            connection.execute(_SAVE, (model, body))
            for event in told:
                insert(connection, event)

        await self._database.run(work)

    async def all(self) -> Mapping[str, str]:
        """Bodies by model."""
        return dict(await self._database.run(lambda c: c.execute("SELECT model, body FROM rollouts").fetchall()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Of the events of one source: how many there were, and how many of them people called wrong."""

    events: int = 0
    wrong: int = 0


class Corrections:
    """What people said of events. Methods raise what `Database.run` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, event_id: str, *, wrong: bool, at: datetime) -> None:
        """The last word counts. `at` is aware UTC. Raises `Invalid("event_unknown")`."""

        def work(connection: Connection) -> bool:
            known = find(connection, event_id) is not None
            if known:
                connection.execute(_CORRECT, (event_id, int(wrong), at.isoformat()))
            return known

        if not await self._database.run(work):
            raise Invalid("event_unknown", status=404)

    async def by_source(self, kinds: Iterable[Kind], since: datetime) -> Mapping[str, Told]:
        """Of the events of these kinds since the aware UTC time."""
        wanted = [kind.value for kind in kinds]
        query = f"""
            SELECT source, count(*), coalesce(sum(corrections.wrong), 0)
            FROM events LEFT JOIN corrections ON corrections.event = events.id
            WHERE kind IN ({", ".join("?" * len(wanted))}) AND events.wall >= ? GROUP BY source
        """  # noqa: S608 - only question marks are put in
        rows = await self._database.run(lambda c: c.execute(query, (*wanted, since.isoformat())).fetchall())
        return {source: Told(events=events, wrong=wrong) for source, events, wrong in rows}
