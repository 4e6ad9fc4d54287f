"""Who is enrolled, and what is known of each."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.errors import Refused
from services.hub.store.database import Session
from services.hub.store.times import ms, time_of, time_or_none
from services.hub.store.words import Enrolment, Home

_HOME = (
    "SELECT gateway, key_sha256, token_sha256, labels, created_ms, revoked_ms, seen_ms, online, version, wire,"
    " instance, epoch, duplicate_ms FROM gateways"
)


async def enrol(session: Session, enrolment: Enrolment, at: datetime) -> None:
    if enrolment.key_sha256 is not None and await home_of_key(session, enrolment.key_sha256) is not None:
        raise Refused("key_known", status=409)
    made = await session.execute(
        "INSERT INTO gateways (gateway, key_sha256, token_sha256, labels, created_ms) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING",
        enrolment.gateway,
        enrolment.key_sha256,
        enrolment.token_sha256,
        _labels(enrolment.labels),
        ms(at),
    )
    if not made:
        raise Refused("gateway_known", status=409, gateway=enrolment.gateway)


async def revoke(session: Session, gateway: str, at: datetime) -> None:
    sql = "UPDATE gateways SET revoked_ms = coalesce(revoked_ms, $2), online = false WHERE gateway = $1"
    _found(await session.execute(sql, gateway, ms(at)), gateway)


async def label(session: Session, gateway: str, labels: Mapping[str, str]) -> None:
    sql = "UPDATE gateways SET labels = $2 WHERE gateway = $1"
    _found(await session.execute(sql, gateway, _labels(labels)), gateway)


async def release(session: Session, gateway: str) -> None:
    sql = "UPDATE gateways SET instance = NULL, online = false, duplicate_ms = NULL WHERE gateway = $1"
    _found(await session.execute(sql, gateway), gateway)


async def home(session: Session, gateway: str) -> Home | None:
    return _one(await session.fetch(f"{_HOME} WHERE gateway = $1", gateway))


async def home_of_key(session: Session, key_sha256: str) -> Home | None:
    return _one(await session.fetch(f"{_HOME} WHERE key_sha256 = $1", key_sha256))


async def homes(session: Session, after: str, limit: int) -> tuple[Home, ...]:
    rows = await session.fetch(f"{_HOME} WHERE gateway > $1 ORDER BY gateway LIMIT $2", after, limit)
    return tuple(map(_home, rows))


def _labels(labels: Mapping[str, str]) -> str:
    return json.dumps(dict(sorted(labels.items())))


def _found(touched: int, gateway: str) -> None:
    if not touched:
        raise Refused("unknown_gateway", status=404, gateway=gateway)


def _one(rows: Sequence[Sequence[Any]]) -> Home | None:
    return _home(rows[0]) if rows else None


def _home(row: Sequence[Any]) -> Home:
    gateway, key, token, labels, created, revoked, seen, online, version, wire, instance, epoch, duplicate = row
    return Home(
        enrolment=Enrolment(gateway=gateway, key_sha256=key, token_sha256=token, labels=json.loads(labels)),
        created=time_of(created),
        revoked=time_or_none(revoked),
        seen=time_or_none(seen),
        online=bool(online),
        version=version,
        wire=wire,
        instance=instance,
        epoch=epoch,
        duplicate=time_or_none(duplicate),
    )
