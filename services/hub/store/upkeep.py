"""What has to be done every few minutes, by one worker at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.hub.store.database import Database, Role, Texts
from services.hub.store.locks import Lock
from services.hub.store.partitions import drop_before, end_of_months, make_ahead
from services.hub.store.rollup import roll_up
from services.hub.store.times import month_of, ms, seconds
from services.hub.store.words import Upkept

_CHUNK = 5000
"""Rows deleted in one transaction, so that nobody waits long for the SQLite file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """By the hub's clock: whoever sets it years ahead lets go of all that is older."""

    hours: timedelta = timedelta(days=400)
    """Summaries as they came; whole months go at once. Refusals are kept as long."""
    days: timedelta = timedelta(days=3660)
    """Roll-ups."""
    records: timedelta = timedelta(days=400)
    """Lines of the audit, and alerts from when they were cleared."""

    def horizon(self, at: datetime) -> datetime:
        """The first hour that is surely still there."""
        return month_of(at - self.hours)


# In PostgreSQL these are what no month took along. An hour that belongs to some month stays, whenever it was taken: the
# hub's own clock may have been wrong then.
_OLD_ROWS = Texts(
    sqlite="DELETE FROM summaries WHERE (gateway, hour, stream, epoch, seq) IN"
    " (SELECT gateway, hour, stream, epoch, seq FROM summaries"
    " WHERE taken_ms < $1 AND (hour < $2 OR hour >= $3) LIMIT $4)",
    postgresql="DELETE FROM summaries_odd WHERE ctid IN (SELECT ctid FROM summaries_odd"
    " WHERE taken_ms < $1 AND (hour < $2 OR hour >= $3) LIMIT $4)",
)


async def upkeep(database: Database, retention: Retention, at: datetime) -> Upkept:
    """See `Store.upkeep`. Roll-ups come before anything is dropped."""
    async with database.alone(Lock.UPKEEP) as alone:
        if not alone:
            return Upkept()
        horizon = retention.horizon(at)
        partitioned = database.dialect == "postgresql"
        made = await make_ahead(database, at, horizon) if partitioned else ()
        rolled = await roll_up(database, at, seconds(horizon))
        gone = await drop_before(database, horizon) if partitioned else ()
        dropped = await _drop_rows(database, at, horizon)
        await _drop_rest(database, horizon, at - retention.days)
        await _drop_records(database, at - retention.records)
        return Upkept(days_rolled_up=rolled, rows_dropped=dropped, partitions_made=made, partitions_dropped=gone)


async def _drop_rows(database: Database, at: datetime, horizon: datetime) -> int:
    dropped = 0
    end = seconds(end_of_months(at))
    while True:
        async with database.transaction(Role.OWNER) as session:
            count = await session.execute(_OLD_ROWS, ms(horizon), seconds(horizon), end, _CHUNK)
            if count and database.dialect == "sqlite":
                await session.fetch("PRAGMA incremental_vacuum")
        dropped += count
        if not count:
            return dropped


async def _drop_rest(database: Database, horizon: datetime, days_horizon: datetime) -> None:
    async with database.transaction(Role.OWNER) as session:
        await session.execute("DELETE FROM refusals WHERE hour < $1", seconds(horizon))
        await session.execute("DELETE FROM daily WHERE day < $1", seconds(days_horizon))


async def _drop_records(database: Database, horizon: datetime) -> None:
    """By the owner of the tables: workers cannot take back a line of the audit."""
    async with database.transaction(Role.OWNER) as session:
        await session.execute("DELETE FROM audit WHERE at_ms < $1", ms(horizon))
        await session.execute("DELETE FROM alerts WHERE cleared_ms < $1", ms(horizon))
