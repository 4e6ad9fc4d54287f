"""What proves somebody for a while: sessions of operators and tokens of programs. Only digests are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.errors import Refused
from services.hub.store.database import Session
from services.hub.store.operators import Rank
from services.hub.store.times import ms, time_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """`id` names it where it is listed; `digest` is what is kept of the token itself. As it is read, `rank` is never
    above what whoever made it may do now."""

    id: str
    label: str
    rank: Rank
    made_by: str
    created: datetime
    digest: str = field(repr=False)


_TOKENS = (
    "SELECT t.id, t.digest, t.label, t.rank, t.made_by, t.created_ms, o.rank"
    " FROM api_tokens t JOIN operators o ON o.name = t.made_by"
)


async def open_session(session: Session, session_id: str, name: str, *, expires: datetime, at: datetime) -> None:
    """Those that have expired go."""
    await session.execute("DELETE FROM sessions WHERE expires_ms <= $1", ms(at))
    await session.execute(
        "INSERT INTO sessions (id, name, expires_ms) VALUES ($1, $2, $3)", session_id, name, ms(expires)
    )


async def rank_in_session(session: Session, session_id: str, at: datetime) -> tuple[str, Rank] | None:
    """Whose it is, and what they may do now."""
    rows = await session.fetch(
        "SELECT o.name, o.rank FROM sessions s JOIN operators o ON o.name = s.name"
        " WHERE s.id = $1 AND s.expires_ms > $2",
        session_id,
        ms(at),
    )
    return (rows[0][0], Rank(rows[0][1])) if rows else None


async def close_session(session: Session, session_id: str) -> None:
    await session.execute("DELETE FROM sessions WHERE id = $1", session_id)


async def tokens(session: Session) -> tuple[ApiToken, ...]:
    return tuple(map(_token, await session.fetch(f"{_TOKENS} ORDER BY t.created_ms, t.id")))


async def token_of(session: Session, digest: str) -> ApiToken | None:
    rows = await session.fetch(f"{_TOKENS} WHERE t.digest = $1", digest)
    return _token(rows[0]) if rows else None


async def add_token(session: Session, new: ApiToken) -> None:
    await session.execute(
        "INSERT INTO api_tokens (id, digest, label, rank, made_by, created_ms) VALUES ($1, $2, $3, $4, $5, $6)",
        new.id,
        new.digest,
        new.label,
        new.rank.value,
        new.made_by,
        ms(new.created),
    )


async def remove_token(session: Session, token_id: str) -> None:
    """Raises `Refused` ("token_unknown", status 404)."""
    if not await session.execute("DELETE FROM api_tokens WHERE id = $1", token_id):
        raise Refused("token_unknown", status=404)


def _token(row: Sequence[Any]) -> ApiToken:
    token_id, digest, label, given, made_by, created, of_maker = row
    rank = Rank(given) if Rank(of_maker).reaches(Rank(given)) else Rank(of_maker)
    return ApiToken(id=token_id, digest=digest, label=label, rank=rank, made_by=made_by, created=time_of(created))
