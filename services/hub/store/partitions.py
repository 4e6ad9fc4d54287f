"""Months of `summaries` in PostgreSQL: made ahead, dropped whole. Hours that belong to none lie in `summaries_odd`:
of a gateway whose clock was wrong, or of a month that has been dropped."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from services.hub.store.database import Database, Role, Session
from services.hub.store.times import month_after, month_of, seconds

_AHEAD = 2
_NAME = re.compile(r"summaries_(\d{4})_(\d{2})")

_EXISTING = (
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'summaries'::regclass ORDER BY 1"
)


async def make_ahead(database: Database, at: datetime, horizon: datetime) -> tuple[str, ...]:
    """Every month from `horizon` to the month after next that is not there. Returns the names of what was made."""
    made = []
    async with database.transaction(Role.OWNER) as session:
        existing = {name for (name,) in await session.fetch(_EXISTING)}
    for month in _months(horizon, at):
        name = f"summaries_{month:%Y_%m}"
        if name not in existing:
            async with database.transaction(Role.OWNER) as session:
                await _make(session, name, seconds(month), seconds(month_after(month)))
            made.append(name)
    return tuple(made)


async def drop_before(database: Database, horizon: datetime) -> tuple[str, ...]:
    """Months that ended by `horizon`. Returns the names of what was dropped."""
    dropped = []
    async with database.transaction(Role.OWNER) as session:
        existing = [name for (name,) in await session.fetch(_EXISTING)]
    for name in existing:
        match = _NAME.fullmatch(name)
        if match and datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC) < horizon:
            async with database.transaction(Role.OWNER) as session:
                await session.execute(f"DROP TABLE {name}")
            dropped.append(name)
    return tuple(dropped)


def _months(first: datetime, at: datetime) -> Iterator[datetime]:
    last = month_of(at)
    for _ in range(_AHEAD):
        last = month_after(last)
    while first <= last:
        yield first
        first = month_after(first)


async def _make(session: Session, name: str, start: int, end: int) -> None:
    """Made beside and then attached: takers go on meanwhile. What had been put down as odd moves in; the lock keeps
    more of it from coming until the commit."""
    await session.execute("LOCK TABLE summaries_odd IN ACCESS EXCLUSIVE MODE")
    await session.execute(f"CREATE TABLE {name} (LIKE summaries INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    await session.execute(
        f"WITH moved AS (DELETE FROM summaries_odd WHERE hour >= $1 AND hour < $2 RETURNING *)"  # noqa: S608 - a name of ours
        f" INSERT INTO {name} SELECT * FROM moved",
        start,
        end,
    )
    await session.execute(f"ALTER TABLE summaries ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})")
