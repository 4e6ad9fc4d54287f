"""Months of `summaries` in PostgreSQL: made ahead, dropped whole. Hours that belong to none lie in `summaries_odd`:
of a gateway whose clock was wrong, or of a month that has been dropped."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from services.hub.store.database import Database, Role, Session
from services.hub.store.times import month_after, month_of, seconds

_AHEAD = 2
_NAME = re.compile(r"summaries_(\d{4})_(\d{2})")

_EXISTING = (
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'summaries'::regclass ORDER BY 1"
)


async def make_ahead(database: Database, at: datetime, horizon: datetime) -> tuple[str, ...]:
    """Every month that is not there, from the oldest that is, at the latest last month, to the month after next; none
    before `horizon`. Returns the names of what was made."""
    async with database.transaction(Role.OWNER) as session:
        existing = await _existing(session)
    last_month = month_of(month_of(at) - timedelta(days=1))
    made = []
    for month in _months(max(horizon, min([last_month, *existing])), at):
        if month not in existing:
            async with database.transaction(Role.OWNER) as session:
                await _make(session, month)
            made.append(_name(month))
    return tuple(made)


async def drop_before(database: Database, horizon: datetime) -> tuple[str, ...]:
    """Months that ended by `horizon`. Returns the names of what was dropped."""
    async with database.transaction(Role.OWNER) as session:
        existing = await _existing(session)
    dropped = []
    for month in existing:
        if month < horizon:
            async with database.transaction(Role.OWNER) as session:
                await session.execute(f"DROP TABLE {_name(month)}")
            dropped.append(_name(month))
    return tuple(dropped)


def _name(month: datetime) -> str:
    return f"summaries_{month:%Y_%m}"


async def _existing(session: Session) -> list[datetime]:
    matches = [_NAME.fullmatch(name) for (name,) in await session.fetch(_EXISTING)]
    return [datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC) for match in matches if match]


def end_of_months(at: datetime) -> datetime:
    """When the last month that is made ahead ends."""
    month = month_of(at)
    for _ in range(_AHEAD + 1):
        month = month_after(month)
    return month


def _months(first: datetime, at: datetime) -> Iterator[datetime]:
    while first < end_of_months(at):
        yield first
        first = month_after(first)


async def _make(session: Session, month: datetime) -> None:
    """Made beside and then attached: takers go on meanwhile. What had been put down as odd moves in; the lock keeps
    more of it from coming until the commit."""
    name, start, end = _name(month), seconds(month), seconds(month_after(month))
    await session.execute("LOCK TABLE summaries_odd IN ACCESS EXCLUSIVE MODE")
    await session.execute(f"CREATE TABLE {name} (LIKE summaries INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    await session.execute(
        f"WITH moved AS (DELETE FROM summaries_odd WHERE hour >= $1 AND hour < $2 RETURNING *)"  # noqa: S608 - a name of ours
        f" INSERT INTO {name} SELECT * FROM moved",
        start,
        end,
    )
    await session.execute(f"ALTER TABLE summaries ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})")
