"""Taking a person out of everything that was written down."""

import json
import re
import sqlite3

from gateway.store.codec import event_from
from gateway.store.database import Database

FORGOTTEN = "forgotten person"

_BODIES = ("events", "commands", "outcomes")


def forget_rows(connection: sqlite3.Connection, name: str) -> tuple[str, ...]:
    """Replace `name` wherever it stands as a word in events, commands and outcomes.

    Returns the evidence names of the events that were about this person or one forgotten before (so that trying
    again after a failure is whole), for the media store to delete. For use inside `Database.run`.
    """
    bodies = connection.execute("SELECT body FROM events WHERE label IN (?, ?)", (name, FORGOTTEN)).fetchall()
    evidence = tuple(event.evidence for (body,) in bodies if (event := event_from(body)).evidence is not None)
    connection.execute("UPDATE events SET label = ? WHERE label = ?", (FORGOTTEN, name))
    for table in _BODIES:
        _replace(connection, table, name)
    return evidence


def _replace(connection: sqlite3.Connection, table: str, name: str) -> None:
    written = json.dumps(name, ensure_ascii=False)[1:-1]
    word = re.compile(rf"(?<!\w){re.escape(written)}(?!\w)")
    key = "command" if table == "outcomes" else "id"
    rows = connection.execute(
        f"SELECT {key}, body FROM {table} WHERE instr(body, ?)",  # noqa: S608 - names of ours, never input
        (written,),
    ).fetchall()
    changed = [(word.sub(FORGOTTEN, body), row_id) for row_id, body in rows]
    connection.executemany(f"UPDATE {table} SET body = ? WHERE {key} = ?", changed)  # noqa: S608 - as above


async def forget_person(database: Database, name: str) -> tuple[str, ...]:
    """Replace `name` in the log and the journal and scrub the file. Returns evidence names to delete as well."""
    evidence = await database.run(lambda connection: forget_rows(connection, name))
    await database.scrub()
    return evidence
