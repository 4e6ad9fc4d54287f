"""The twins' rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.wire.uplink import Reported
from services.hub.store.database import Session, Texts
from services.hub.store.times import ms, time_or_none

_COLUMNS = "SELECT gateway, version, patch, reported, reported_ms FROM twins"
_WRITE = """
INSERT INTO twins (gateway, version, patch, changed_ms) VALUES ($1, $2, $3, $4)
ON CONFLICT (gateway) DO UPDATE SET version = $2, patch = $3, changed_ms = $4
"""
_REPORT = """
INSERT INTO twins (gateway, version, patch, changed_ms, reported, reported_ms) VALUES ($1, $2, '{}', $3, $4, $3)
ON CONFLICT (gateway) DO UPDATE SET reported = $4, reported_ms = $3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """`patch` is what is wished of the settings now; `version` grows with every change of it, 0 before the first."""

    gateway: str
    version: int = 0
    patch: Mapping[str, Any] = field(default_factory=dict)
    reported: Reported | None = None
    reported_at: datetime | None = None


async def twin(session: Session, gateway: str) -> Twin:
    """Held until the transaction ends, so that two changes do not meet."""
    own = f"{_COLUMNS} WHERE gateway = $1"
    rows = await session.fetch(Texts(sqlite=own, postgresql=f"{own} FOR UPDATE"), gateway)
    return _twin(rows[0]) if rows else Twin(gateway=gateway)


async def wish(session: Session, before: Twin, patch: Mapping[str, Any], now: datetime) -> int:
    """Instead of what was wished; the new version, which is above everything the home has seen."""
    seen = 0 if before.reported is None else before.reported.version
    version = max(before.version, seen) + 1
    await session.execute(_WRITE, before.gateway, version, json.dumps(dict(patch)), ms(now))
    return version


async def report(session: Session, gateway: str, reported: Reported, now: datetime) -> None:
    await session.execute(_REPORT, gateway, 0, ms(now), reported.model_dump_json())


async def changed(session: Session, since: datetime | None) -> Sequence[Twin]:
    """With wishes that changed since; all of those with wishes for None."""
    since_ms = 0 if since is None else ms(since)
    rows = await session.fetch(f"{_COLUMNS} WHERE version > 0 AND changed_ms >= $1", since_ms)
    return [_twin(row) for row in rows]


def _twin(row: Sequence[Any]) -> Twin:
    gateway, version, patch, reported, reported_ms = row
    return Twin(
        gateway=gateway,
        version=version,
        patch=json.loads(patch),
        reported=None if reported is None else Reported.model_validate_json(reported),
        reported_at=time_or_none(reported_ms),
    )
