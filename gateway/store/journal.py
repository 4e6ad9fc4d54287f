"""What was commanded, why, and what became of it."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from gateway.store.codec import command_from, command_json, outcome_from, outcome_json
from gateway.store.database import Database
from gateway.store.events import find
from gateway.types import Command, Event, Outcome

_DEEPEST = 16
_SELECT = "SELECT c.body, o.body FROM commands c LEFT JOIN outcomes o ON o.command = c.id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One command and its outcome; None while the device has not answered."""

    command: Command
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The answer to "why?": the events from the first cause to the trigger, the rule's sentence, what was done."""

    events: tuple[Event, ...]
    sentence: str
    command: Command
    outcome: Outcome | None


class Journal:
    """Commands and outcomes. All methods raise what `Database.run` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_command(self, command: Command) -> None:
        """The id is the idempotency key: a second time changes nothing."""
        row = (command.id, command.target, command.cause, command.issued.wall.isoformat(), command_json(command))
        await self._database.run(
            lambda c: c.execute("INSERT INTO commands VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING", row).rowcount
        )

    async def add_outcome(self, outcome: Outcome) -> None:
        """The last outcome of a command counts. `Invalid("store_rejected")` for a command never added."""
        row = (outcome.command, outcome.result.value, outcome_json(outcome))
        await self._database.run(lambda c: c.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?)", row).rowcount)

    async def recent(self, limit: int, before: str | None = None) -> list[Entry]:
        """Newest first; `before` is a command id."""
        query = f"{_SELECT} WHERE ?1 IS NULL OR c.id < ?1 ORDER BY c.id DESC LIMIT ?2"
        return [_entry(row) for row in await self._database.run(lambda c: c.execute(query, (before, limit)).fetchall())]

    async def why(self, command_id: str) -> Chain | None:
        """The cause chain of a command; None for an unknown id."""
        return await self._database.run(lambda connection: _chain(connection, command_id))

    async def trim(self, before: datetime) -> int:
        """Delete commands issued before the aware UTC time, with their outcomes; how many went."""
        return await self._database.run(
            lambda c: c.execute("DELETE FROM commands WHERE wall < ?", (before.isoformat(),)).rowcount
        )


def _entry(row: tuple[str, str | None]) -> Entry:
    command, outcome = row
    return Entry(command=command_from(command), outcome=None if outcome is None else outcome_from(outcome))


def _chain(connection: sqlite3.Connection, command_id: str) -> Chain | None:
    row = connection.execute(f"{_SELECT} WHERE c.id = ?", (command_id,)).fetchone()
    if row is None:
        return None
    entry = _entry(row)
    return Chain(
        events=_causes(connection, entry.command.cause),
        sentence=entry.command.why,
        command=entry.command,
        outcome=entry.outcome,
    )


def _causes(connection: sqlite3.Connection, cause: str | None) -> tuple[Event, ...]:
    """Oldest first. A chain that is a circle or endless in a damaged log still ends."""
    found: list[Event] = []
    while cause is not None and len(found) < _DEEPEST:
        event = find(connection, cause)
        if event is None:
            break
        found.append(event)
        cause = event.cause
    return tuple(reversed(found))
