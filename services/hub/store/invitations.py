"""Who is expected: a home, and the digest of the one-time token that lets its gateway in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.errors import Refused
from services.hub.store.database import Session, Texts
from services.hub.store.times import ms, time_of, time_or_none

_COLUMNS = "SELECT gateway, labels, created_ms, expires_ms, used_ms FROM invitations"
_BY_DIGEST = Texts(
    sqlite=f"{_COLUMNS} WHERE digest = $1",
    postgresql=f"{_COLUMNS} WHERE digest = $1 FOR UPDATE",
)
_LET_IN = (
    "INSERT INTO gateways (gateway, key_sha256, labels, created_ms) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (gateway) DO UPDATE SET key_sha256 = excluded.key_sha256, labels = excluded.labels,"
    " token_sha256 = NULL, revoked_ms = NULL, instance = NULL"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    gateway: str
    created: datetime
    expires: datetime
    used: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


async def invite(session: Session, invitation: Invitation, digest: str) -> None:
    """In place of an earlier one for the same home."""
    await session.execute(
        "INSERT INTO invitations (gateway, digest, labels, created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (gateway) DO UPDATE SET digest = excluded.digest, labels = excluded.labels,"
        " created_ms = excluded.created_ms, expires_ms = excluded.expires_ms, used_ms = NULL",
        invitation.gateway,
        digest,
        json.dumps(dict(sorted(invitation.labels.items()))),
        ms(invitation.created),
        ms(invitation.expires),
    )


async def invitations(session: Session) -> tuple[Invitation, ...]:
    return tuple(map(_invitation, await session.fetch(f"{_COLUMNS} ORDER BY created_ms DESC, gateway LIMIT 1000")))


async def take_back(session: Session, gateway: str) -> None:
    """Raises `Refused` ("invitation_unknown", status 404)."""
    if not await session.execute("DELETE FROM invitations WHERE gateway = $1 AND used_ms IS NULL", gateway):
        raise Refused("invitation_unknown", status=404)


async def of_digest(session: Session, digest: str) -> Invitation | None:
    """The one that this proves, locked until the commit."""
    rows = await session.fetch(_BY_DIGEST, digest)
    return _invitation(rows[0]) if rows else None


def check(invitation: Invitation, at: datetime) -> None:
    """Raises `Refused` ("enrolment_used", status 409; "enrolment_expired", status 410)."""
    if invitation.used is not None:
        raise Refused("enrolment_used", status=409)
    if invitation.expires <= at:
        raise Refused("enrolment_expired", status=410)


async def let_in(session: Session, invitation: Invitation, key_sha256: str, at: datetime) -> None:
    """The home is enrolled by this key alone; what it had before proves it no longer. Raises `Refused` ("key_known",
    status 409)."""
    others = await session.fetch(
        "SELECT gateway FROM gateways WHERE key_sha256 = $1 AND gateway <> $2", key_sha256, invitation.gateway
    )
    if others:
        raise Refused("key_known", status=409)
    labels = json.dumps(dict(sorted(invitation.labels.items())))
    await session.execute(_LET_IN, invitation.gateway, key_sha256, labels, ms(at))
    await session.execute("UPDATE invitations SET used_ms = $2 WHERE gateway = $1", invitation.gateway, ms(at))


def _invitation(row: Sequence[Any]) -> Invitation:
    gateway, labels, created, expires, used = row
    return Invitation(
        gateway=gateway,
        labels=json.loads(labels),
        created=time_of(created),
        expires=time_of(expires),
        used=time_or_none(used),
    )
