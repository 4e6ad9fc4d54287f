"""Who may use the pages, and what each may do."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.errors import Refused
from services.hub.store.database import Session, Texts
from services.hub.store.times import ms, time_of


class Rank(StrEnum):
    """What somebody may do; each may what those before may."""

    VIEWER = "viewer"
    """Reads."""
    OPERATOR = "operator"
    """Lets homes in and out, and sorts them."""
    ADMIN = "admin"
    """Says who may do what."""

    def reaches(self, needed: "Rank") -> bool:
        order = list(Rank)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    name: str
    rank: Rank
    created: datetime
    password: str = field(repr=False)
    """Its argon2id hash."""


_OPERATORS = "SELECT name, password, rank, created_ms FROM operators"
_ADMINS = Texts(
    sqlite="SELECT name FROM operators WHERE rank = 'admin'",
    postgresql="SELECT name FROM operators WHERE rank = 'admin' ORDER BY name FOR UPDATE",
)


_ALONE = Texts(
    sqlite="SELECT 1",  # every transaction has the file for itself
    postgresql="LOCK TABLE operators IN SHARE ROW EXCLUSIVE MODE",
)


async def operators(session: Session) -> tuple[Operator, ...]:
    return tuple(map(_operator, await session.fetch(f"{_OPERATORS} ORDER BY name")))


async def operator(session: Session, name: str) -> Operator | None:
    rows = await session.fetch(f"{_OPERATORS} WHERE name = $1", name)
    return _operator(rows[0]) if rows else None


async def add_operator(session: Session, new: Operator) -> None:
    """Raises `Refused` ("operator_known", status 409)."""
    made = await session.execute(
        "INSERT INTO operators (name, password, rank, created_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        new.name,
        new.password,
        new.rank.value,
        ms(new.created),
    )
    if not made:
        raise Refused("operator_known", status=409)


async def add_first(session: Session, new: Operator) -> None:
    """Raises `Refused` ("already_claimed", status 409) where there is anybody; of two at once the second waits."""
    await session.fetch(_ALONE)
    if await session.fetch(f"{_OPERATORS} LIMIT 1"):
        raise Refused("already_claimed", status=409)
    await add_operator(session, new)


async def set_rank(session: Session, name: str, rank: Rank) -> None:
    """Raises `Refused` ("operator_unknown", status 404; "last_admin", status 409)."""
    if rank is not Rank.ADMIN:
        await _keep_an_admin(session, name)
    await _one(session.execute("UPDATE operators SET rank = $2 WHERE name = $1", name, rank.value))


async def set_password(session: Session, name: str, password: str) -> None:
    """All sessions end. Raises `Refused` ("operator_unknown", status 404)."""
    await _one(session.execute("UPDATE operators SET password = $2 WHERE name = $1", name, password))
    await session.execute("DELETE FROM sessions WHERE name = $1", name)


async def remove_operator(session: Session, name: str) -> None:
    """With all sessions and all tokens that are theirs. Raises as `set_rank` does."""
    await _keep_an_admin(session, name)
    await session.execute("DELETE FROM sessions WHERE name = $1", name)
    await session.execute("DELETE FROM api_tokens WHERE made_by = $1", name)
    await _one(session.execute("DELETE FROM operators WHERE name = $1", name))


async def _keep_an_admin(session: Session, name: str) -> None:
    """Of two admins that remove each other at once, the second waits and is told."""
    if {admin for (admin,) in await session.fetch(_ADMINS)} == {name}:
        raise Refused("last_admin", status=409)


async def _one(touching: Awaitable[int]) -> None:
    if not await touching:
        raise Refused("operator_unknown", status=404)


def _operator(row: Sequence[Any]) -> Operator:
    name, password, rank, created = row
    return Operator(name=name, password=password, rank=Rank(rank), created=time_of(created))
