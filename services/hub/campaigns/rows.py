"""The rows of campaigns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.errors import Refused
from services.hub.campaigns.plan import Plan
from services.hub.store.database import Session, Texts
from services.hub.store.times import ms, time_of


class State(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """`why` it was stopped: "by_hand", "failures", "bundle_removed". `recall`: what it brought is taken back."""

    number: int
    plan: Plan
    state: State
    why: str
    recall: bool
    made: datetime


_CAMPAIGN = "SELECT campaign, plan, state, why, recall, made_ms FROM campaigns"


async def add(session: Session, plan: Plan, now: datetime) -> int:
    sql = "INSERT INTO campaigns (lane, plan, state, made_ms) VALUES ($1, $2, $3, $4) RETURNING campaign"
    ((number,),) = await session.fetch(sql, plan.lane, plan.model_dump_json(), State.RUNNING.value, ms(now))
    return int(number)


async def campaign(session: Session, number: int) -> Campaign:
    """Held until the transaction ends. Raises `Refused("campaign_unknown", status 404)`."""
    own = f"{_CAMPAIGN} WHERE campaign = $1"
    rows = await session.fetch(Texts(sqlite=own, postgresql=f"{own} FOR UPDATE"), number)
    if not rows:
        raise Refused("campaign_unknown", status=404, campaign=number)
    return _campaign(rows[0])


async def plan_of(session: Session, number: int) -> Plan | None:
    """Without holding it, since it never changes; None for a campaign that is not known."""
    rows = await session.fetch("SELECT plan FROM campaigns WHERE campaign = $1", number)
    return Plan.model_validate_json(rows[0][0]) if rows else None


async def campaigns(session: Session) -> Sequence[Campaign]:
    """Newest first."""
    return [_campaign(row) for row in await session.fetch(f"{_CAMPAIGN} ORDER BY campaign DESC")]


async def to_be_looked_after(session: Session) -> Sequence[int]:
    """Numbers, newest first: what is not stopped, and what still has homes in the middle of it."""
    sql = (
        "SELECT campaign FROM campaigns c WHERE state <> 'stopped' OR EXISTS (SELECT 1 FROM campaign_homes h"
        " WHERE h.campaign = c.campaign AND h.state = 'begun') ORDER BY campaign DESC"
    )
    return [number for (number,) in await session.fetch(sql)]


async def set_state(session: Session, number: int, state: State, *, why: str = "", recall: bool = False) -> None:
    sql = "UPDATE campaigns SET state = $2, why = $3, recall = $4 WHERE campaign = $1"
    await session.execute(sql, number, state.value, why, recall)


def _campaign(row: Sequence[Any]) -> Campaign:
    number, plan, state, why, recall, made_ms = row
    return Campaign(
        number=number,
        plan=Plan.model_validate_json(plan),
        state=State(state),
        why=why,
        recall=bool(recall),
        made=time_of(made_ms),
    )
