"""Who did what, and when: written in the transaction of the change itself, and never changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.hub.store.database import Session
from services.hub.store.times import ms, time_of

_NEWEST = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """`who` is an operator's name, "token:label" or "console"; `what` a word such as "home_revoked". `detail` never
    holds a secret."""

    id: int
    at: datetime
    who: str
    what: str
    subject: str
    detail: Mapping[str, str]


async def note(
    session: Session, *, who: str, what: str, subject: str, at: datetime, detail: Mapping[str, str] | None = None
) -> None:
    await session.execute(
        "INSERT INTO audit (at_ms, who, what, subject, detail) VALUES ($1, $2, $3, $4, $5)",
        ms(at),
        who,
        what,
        subject,
        json.dumps(dict(sorted((detail or {}).items()))),
    )


async def deeds(session: Session, *, limit: int, before: int | None = None) -> tuple[Deed, ...]:
    """Newest first; the next page is what came `before` the last one's id."""
    rows = await session.fetch(
        "SELECT id, at_ms, who, what, subject, detail FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2",
        _NEWEST if before is None else before,
        limit,
    )
    return tuple(
        Deed(id=number, at=time_of(at), who=who, what=what, subject=subject, detail=json.loads(detail))
        for number, at, who, what, subject, detail in rows
    )
