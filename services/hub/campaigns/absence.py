"""When nobody led for a while, or the hub's clock was set: homes must not be late for that.

Whatever a home has to say waits at home until its hub is back; if its time were over the moment the hub returns, a
holiday of the hub would look like a failure of every home, and take everything back.
"""

from datetime import datetime, timedelta

from services.hub.store.database import Database, Role, Session
from services.hub.store.times import ms, time_of

LONG = timedelta(minutes=5)

_NOTE = """
INSERT INTO upkeep (name, value) VALUES ('campaigns_led_ms', $1) ON CONFLICT (name) DO UPDATE SET value = $1
"""
_SHIFT = """
UPDATE campaign_homes SET begun_ms = begun_ms + $1, offered_ms = offered_ms + $1 WHERE state IN ('begun', 'offered')
"""


async def last_led(database: Database) -> datetime | None:
    async with database.transaction(Role.OWNER) as session:
        rows = await session.fetch("SELECT value FROM upkeep WHERE name = 'campaigns_led_ms'")
    return time_of(rows[0][0]) if rows else None


async def note(database: Database, last: datetime | None, now: datetime) -> None:
    """That somebody leads at `now`. Where that was not so since `last`, all waits are as much longer; where the clock
    went back, as much shorter."""
    async with database.transaction(Role.OWNER) as session:
        if last is not None and abs(now - last) > LONG:
            await _shift(session, now - last)
        await session.execute(_NOTE, ms(now))


async def _shift(session: Session, by: timedelta) -> None:
    await session.execute(_SHIFT, by // timedelta(milliseconds=1))
