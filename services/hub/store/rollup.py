"""Hours to days: every number of every kind, by gateway and subject. A day is always computed whole, so that doing it
twice changes nothing."""

import json
from collections.abc import Iterable
from datetime import datetime

from services.hub.store.database import Database, Role, Session, Texts
from services.hub.store.times import DAY_S, HOUR_S, day_of, seconds

_CLOSED_AFTER_S = HOUR_S
"""A day is rolled up for all gateways so long after its end; by then nothing that was not late is under way."""
_LATE_AFTER_S = HOUR_S // 2
_GATEWAYS = 200
"""In one transaction: a fleet's day is not one."""

_CLEAR = Texts(
    sqlite="DELETE FROM daily WHERE day = $1 AND gateway IN (SELECT value FROM json_each($2))",
    postgresql="DELETE FROM daily WHERE day = $1 AND gateway IN (SELECT jsonb_array_elements_text($2::jsonb))",
)

_SUM = Texts(
    sqlite="""
        INSERT INTO daily (gateway, kind, day, subject, number, rows, total, low, high)
        SELECT s.gateway, s.kind, $1, s.subject, n.key, count(*), sum(n.value), min(n.value), max(n.value)
        FROM summaries s, json_each(s.data) n
        WHERE s.gateway IN (SELECT value FROM json_each($2)) AND s.hour >= $1 AND s.hour < $1 + 86400
            AND n.type IN ('integer', 'real') AND n.key <> 'hour'
        GROUP BY s.gateway, s.kind, s.subject, n.key
    """,
    postgresql="""
        INSERT INTO daily (gateway, kind, day, subject, number, rows, total, low, high)
        SELECT s.gateway, s.kind, $1::bigint, s.subject, n.key, count(*), sum(v), min(v), max(v)
        FROM summaries s, jsonb_each(s.data) n, LATERAL (
            SELECT CASE jsonb_typeof(n.value) WHEN 'number' THEN n.value::float8 END AS v) number
        WHERE s.gateway IN (SELECT jsonb_array_elements_text($2::jsonb)) AND s.hour >= $1 AND s.hour < $1 + 86400
            AND v IS NOT NULL AND n.key <> 'hour'
        GROUP BY s.gateway, s.kind, s.subject, n.key
    """,
)

_DUE = Texts(
    sqlite="DELETE FROM late WHERE rowid IN (SELECT rowid FROM late ORDER BY day, gateway LIMIT $1)"
    " RETURNING day, gateway",
    postgresql="DELETE FROM late WHERE ctid IN (SELECT ctid FROM late ORDER BY day, gateway LIMIT $1)"
    " RETURNING day, gateway",
)


async def late(session: Session, rows: Iterable[tuple[str, int]], at: datetime) -> None:
    """Remember the days of `rows`, (gateway, hour), that may have been rolled up. Committed with the rows themselves:
    whoever sees one sees the other."""
    ended = day_of(seconds(at) - _LATE_AFTER_S)
    days = {(gateway, day_of(hour)) for gateway, hour in rows}
    due = sorted((gateway, day) for gateway, day in days if day < ended)
    if due:
        await session.execute_many("INSERT INTO late (gateway, day) VALUES ($1, $2)", due)


async def roll_up(database: Database, at: datetime, horizon_s: int) -> int:
    """Days that ended, then days to which something came late. Returns how many were computed."""
    done = 0
    ended = day_of(seconds(at) - _CLOSED_AFTER_S)
    day = await _first_open(database, ended, horizon_s)
    while day < ended:
        await _close(database, day)
        day += DAY_S
        done += 1
    while count := await _catch_up(database, horizon_s):
        done += count
    return done


async def _first_open(database: Database, ended: int, horizon_s: int) -> int:
    """The day after the last that was closed; `ended` at the latest, where the clock was ahead for a while."""
    async with database.transaction(Role.OWNER) as session:
        rows = await session.fetch("SELECT value FROM upkeep WHERE name = 'closed_before'")
        if not rows:
            oldest = "SELECT min(hour) FROM summaries WHERE hour >= $1 AND hour < $2"
            rows = await session.fetch(oldest, horizon_s, ended)
        elif rows[0][0] > ended:
            await _closed_before(session, ended)
    return day_of(ended if rows[0][0] is None else max(rows[0][0], horizon_s))


async def _close(database: Database, day: int) -> None:
    after = ""
    while True:
        async with database.transaction(Role.OWNER) as session:
            rows = await session.fetch(
                "SELECT gateway FROM gateways WHERE gateway > $1 ORDER BY gateway LIMIT $2", after, _GATEWAYS
            )
            if not rows:
                await _closed_before(session, day + DAY_S)
                return
            gateways = [gateway for (gateway,) in rows]
            await _compute(session, day, gateways)
            after = gateways[-1]


async def _closed_before(session: Session, day: int) -> None:
    await session.execute(
        "INSERT INTO upkeep (name, value) VALUES ('closed_before', $1)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        day,
    )


async def _catch_up(database: Database, horizon_s: int) -> int:
    async with database.transaction(Role.OWNER) as session:
        due: dict[int, set[str]] = {}
        for day, gateway in await session.fetch(_DUE, _GATEWAYS):
            due.setdefault(day, set()).add(gateway)
        for day, gateways in due.items():
            if day >= horizon_s:  # else its hours are gone, and the roll-up is all that is left of it
                await _compute(session, day, sorted(gateways))
    return len(due)


async def _compute(session: Session, day: int, gateways: list[str]) -> None:
    names = json.dumps(gateways)
    await session.execute(_CLEAR, day, names)
    await session.execute(_SUM, day, names)
