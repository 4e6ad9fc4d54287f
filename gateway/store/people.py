"""The people who agreed to be recognised. Templates lie here sealed; see `gateway.store.vault`."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from gateway.store.database import Database
from gateway.store.forget import forget_rows

_ADD = """
INSERT INTO people (person_id, name, created, consent_by, model_sha, sealed_template) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (person_id) DO UPDATE SET name = excluded.name, created = excluded.created,
    consent_by = excluded.consent_by, model_sha = excluded.model_sha, sealed_template = excluded.sealed_template
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`model_sha` names the embedding model that made the template; `created` is aware UTC."""

    person_id: str
    name: str
    created: datetime
    consent_by: str
    model_sha: str
    sealed_template: bytes


class PeopleTable:
    """One row a person. Methods raise what `Database.run` raises."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(  # noqa: PLR0917 - one argument a column
        self,
        person_id: str,
        name: str,
        created: datetime,
        consent_by: str,
        model_sha: str,
        sealed_template: bytes,
    ) -> None:
        """A known `person_id` is replaced. `Invalid("store_rejected")` where another person has the name."""
        row = (person_id, name, created.isoformat(), consent_by, model_sha, sealed_template)
        await self._database.run(lambda c: c.execute(_ADD, row).rowcount)

    async def all(self) -> tuple[Person, ...]:
        """By name."""
        rows = await self._database.run(lambda c: c.execute("SELECT * FROM people ORDER BY name").fetchall())
        return tuple(_person(row) for row in rows)

    async def remove(self, person_id: str) -> tuple[str, ...]:
        """Delete the person without a trace: row, template, name in events and commands, freed pages, journal.

        Returns the names of pictures about this person, which the caller deletes from the media store; empty also
        for an unknown id.
        """
        evidence = await self._database.run(lambda connection: _remove(connection, person_id))
        await self._database.scrub()
        return evidence


def _remove(connection: sqlite3.Connection, person_id: str) -> tuple[str, ...]:
    row = connection.execute("SELECT name FROM people WHERE person_id = ?", (person_id,)).fetchone()
    if row is None:
        return ()
    connection.execute("DELETE FROM people WHERE person_id = ?", (person_id,))
    return forget_rows(connection, row[0])


def _person(row: tuple[str, str, str, str, str, bytes]) -> Person:
    person_id, name, created, consent_by, model_sha, sealed = row
    return Person(
        person_id=person_id,
        name=name,
        created=datetime.fromisoformat(created),
        consent_by=consent_by,
        model_sha=model_sha,
        sealed_template=bytes(sealed),
    )
