"""The rows of the homes within campaigns."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.hub.campaigns.plan import Plan
from services.hub.campaigns.standing import LYING, Standing
from services.hub.store.database import Session, Texts
from services.hub.store.times import ms, ms_or_none, time_of, time_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One home within a campaign. `key` is the home's last word about what went wrong. For settings, once the wish has
    been made, `twin_version` is its version and `before` what was wished until then."""

    campaign: int
    gateway: str
    standing: Standing
    key: str | None = None
    offered: datetime | None = None
    begun: datetime | None = None
    changed: datetime
    twin_version: int | None = None
    before: Mapping[str, Any] | None = None


_COLUMNS = (
    "SELECT h.campaign, h.gateway, h.state, h.key, h.offered_ms, h.begun_ms, h.changed_ms, h.twin_version, h.before"
)
_PLACE = f"{_COLUMNS} FROM campaign_homes h"
_WRITE = """
UPDATE campaign_homes SET state = $3, key = $4, offered_ms = $5, begun_ms = $6, changed_ms = $7, twin_version = $8,
before = $9 WHERE campaign = $1 AND gateway = $2
"""
_JOIN = """
INSERT INTO campaign_homes (campaign, gateway, lane, state, draw, changed_ms) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""
_NEXT = """
SELECT h.gateway FROM campaign_homes h JOIN gateways g ON g.gateway = h.gateway
WHERE h.campaign = $1 AND h.state = 'waiting' AND g.online AND g.revoked_ms IS NULL
ORDER BY coalesce(h.offered_ms, 0), h.draw LIMIT $2
"""


async def join(session: Session, number: int, plan: Plan, gateways: Iterable[str], now: datetime) -> None:
    rows = [(number, home, plan.lane, Standing.WAITING.value, plan.draw(home), ms(now)) for home in gateways]
    await session.execute_many(_JOIN, rows)


async def joined(session: Session, number: int) -> frozenset[str]:
    rows = await session.fetch("SELECT gateway FROM campaign_homes WHERE campaign = $1", number)
    return frozenset(gateway for (gateway,) in rows)


async def next_homes(session: Session, number: int, most: int) -> Sequence[str]:
    """Who waits, is here now and is next; who let an offer lie comes after all others."""
    return [gateway for (gateway,) in await session.fetch(_NEXT, number, most)]


async def counts(session: Session, number: int) -> Mapping[Standing, int]:
    sql = "SELECT state, count(*) FROM campaign_homes WHERE campaign = $1 GROUP BY state"
    return {Standing(state): int(count) for state, count in await session.fetch(sql, number)}


async def offered_since(session: Session, number: int, since: datetime) -> int:
    sql = "SELECT count(*) FROM campaign_homes WHERE campaign = $1 AND offered_ms > $2"
    ((count,),) = await session.fetch(sql, number, ms(since))
    return int(count)


async def place(session: Session, number: int, gateway: str) -> Place | None:
    own = f"{_PLACE} WHERE campaign = $1 AND gateway = $2"
    rows = await session.fetch(Texts(sqlite=own, postgresql=f"{own} FOR UPDATE"), number, gateway)
    return _place(rows[0]) if rows else None


async def places(session: Session, number: int) -> Sequence[Place]:
    """Of one campaign, by home."""
    sql = f"{_PLACE} WHERE campaign = $1 ORDER BY gateway"
    return [_place(row) for row in await session.fetch(Texts(sqlite=sql, postgresql=f"{sql} FOR UPDATE"), number)]


async def overdue(
    session: Session, number: int, *, begun_before: datetime, offered_before: datetime
) -> Sequence[Place]:
    """In the middle of it for too long, or with an offer that lies for too long."""
    sql = (
        f"{_PLACE} WHERE campaign = $1"
        " AND (state = 'begun' AND begun_ms <= $2 OR state = 'offered' AND offered_ms <= $3) ORDER BY gateway"
    )
    held = Texts(sqlite=sql, postgresql=f"{sql} FOR UPDATE")
    return [_place(row) for row in await session.fetch(held, number, ms(begun_before), ms(offered_before))]


async def older(session: Session, number: int, lane: str, gateway: str) -> Sequence[Place]:
    """Of one home in earlier campaigns of a lane that are not over for it."""
    words = _words((Standing.WAITING, *LYING))
    sql = f"{_PLACE} WHERE gateway = $1 AND lane = $2 AND campaign < $3 AND state IN ({words}) ORDER BY campaign"
    rows = await session.fetch(Texts(sqlite=sql, postgresql=f"{sql} FOR UPDATE"), gateway, lane, number)
    return [_place(row) for row in rows]


async def pass_over(session: Session, now: datetime) -> None:
    """Who waits in a newer campaign of a lane, or has been in one, waits in no older one."""
    sql = (
        "UPDATE campaign_homes SET state = 'withdrawn', changed_ms = $1 WHERE state = 'waiting' AND EXISTS (SELECT 1"
        " FROM campaign_homes n WHERE n.gateway = campaign_homes.gateway AND n.lane = campaign_homes.lane"
        " AND n.campaign > campaign_homes.campaign)"
    )
    await session.execute(sql, ms(now))


async def lying(session: Session, gateways: Iterable[str] | None = None) -> Sequence[tuple[Place, Plan]]:
    """Whatever lies ready for homes; for all of them where None."""
    sql = (
        f"{_COLUMNS}, c.plan FROM campaign_homes h JOIN campaigns c ON c.campaign = h.campaign"
        f" WHERE h.state IN ({_words(LYING)})"
    )
    if gateways is None:
        rows = list(await session.fetch(sql))
    else:
        rows = [row for home in gateways for row in await session.fetch(f"{sql} AND h.gateway = $1", home)]
    return [(_place(tuple(row)[:-1]), Plan.model_validate_json(row[-1])) for row in rows]


async def homes_changed(session: Session, since: datetime | None) -> Sequence[str]:
    """In whose places something changed since; all who have one where None."""
    sql = "SELECT DISTINCT gateway FROM campaign_homes WHERE changed_ms >= $1"
    return [gateway for (gateway,) in await session.fetch(sql, 0 if since is None else ms(since))]


async def write(session: Session, one: Place) -> None:
    await session.execute(
        _WRITE,
        one.campaign,
        one.gateway,
        one.standing.value,
        one.key,
        ms_or_none(one.offered),
        ms_or_none(one.begun),
        ms(one.changed),
        one.twin_version,
        None if one.before is None else json.dumps(dict(one.before)),
    )


def _words(standings: Iterable[Standing]) -> str:
    return ", ".join(f"'{standing.value}'" for standing in standings)


def _place(row: Sequence[Any]) -> Place:
    number, gateway, state, key, offered_ms, begun_ms, changed_ms, twin_version, before = row
    return Place(
        campaign=number,
        gateway=gateway,
        standing=Standing(state),
        key=key,
        offered=time_or_none(offered_ms),
        begun=time_or_none(begun_ms),
        changed=time_of(changed_ms),
        twin_version=twin_version,
        before=None if before is None else json.loads(before),
    )
