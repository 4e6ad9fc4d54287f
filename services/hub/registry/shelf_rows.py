"""The rows of bundles and channels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.hub.registry.kinds import Kind, Release
from services.hub.store.database import Session
from services.hub.store.times import ms, time_of

_BUNDLE = "SELECT b.sha256, b.line, b.version, b.serial, b.bytes, b.added_ms FROM bundles b"
_ADD = """
INSERT INTO bundles (sha256, line, version, serial, bytes, added_ms) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (sha256) DO UPDATE SET line = $2, version = $3, serial = $4, removed_ms = NULL
"""
_POINT = """
INSERT INTO channels (line, channel, sha256, promoted_ms) VALUES ($1, $2, $3, $4)
ON CONFLICT (line, channel) DO UPDATE SET sha256 = $3, promoted_ms = $4
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """One bundle; `sha256` is of its file."""

    sha256: str
    release: Release
    bytes: int
    added: datetime

    @property
    def kind(self) -> Kind:
        return self.release.kind


async def add(session: Session, one: Shelved) -> None:
    release = one.release
    values = (one.sha256, release.line, release.version, release.serial, one.bytes, ms(one.added))
    await session.execute(_ADD, *values)


async def remove(session: Session, sha256: str, now: datetime) -> None:
    """Channels that hold it are empty then."""
    await session.execute("UPDATE bundles SET removed_ms = $2 WHERE sha256 = $1", sha256, ms(now))


async def is_there(session: Session, sha256: str) -> bool:
    return await find(session, sha256) is not None


async def find(session: Session, sha256: str) -> Shelved | None:
    rows = await session.fetch(f"{_BUNDLE} WHERE b.sha256 = $1 AND b.removed_ms IS NULL", sha256)
    return _shelved(rows[0]) if rows else None


async def all_of(session: Session) -> Sequence[Shelved]:
    """By line, newest first."""
    order = "b.line, b.serial DESC, b.added_ms DESC, b.sha256"
    rows = await session.fetch(f"{_BUNDLE} WHERE b.removed_ms IS NULL ORDER BY {order}")
    return [_shelved(row) for row in rows]


async def point(session: Session, channel: str, one: Shelved, now: datetime) -> None:
    await session.execute(_POINT, one.release.line, channel, one.sha256, ms(now))


async def in_channel(session: Session, line: str, channel: str) -> Shelved | None:
    sql = (
        f"{_BUNDLE} JOIN channels c ON c.sha256 = b.sha256 AND c.line = b.line WHERE c.line = $1 AND c.channel = $2"
        " AND b.removed_ms IS NULL"
    )
    rows = await session.fetch(sql, line, channel)
    return _shelved(rows[0]) if rows else None


async def channels_of(session: Session) -> Sequence[tuple[str, str, str]]:
    """Line, channel and hash; not where a bundle turned out to be of another line."""
    sql = "SELECT c.line, c.channel, c.sha256 FROM channels c JOIN bundles b ON b.sha256 = c.sha256 AND b.line = c.line"
    rows = await session.fetch(sql)
    return [(line, channel, sha256) for line, channel, sha256 in rows]


async def signing_key(session: Session, proposed: str) -> str:
    """The one of all workers of this database: whose proposal came first."""
    sql = "INSERT INTO hub_keys (name, value) VALUES ('downloads', $1) ON CONFLICT DO NOTHING"
    await session.execute(sql, proposed)
    ((key,),) = await session.fetch("SELECT value FROM hub_keys WHERE name = 'downloads'")
    return str(key)


def _shelved(row: Sequence[Any]) -> Shelved:
    sha256, line, version, serial, size, added_ms = row
    kind, _, name = line.partition("/")
    release = Release(kind=Kind(kind), name=name, version=version, serial=serial)
    return Shelved(sha256=sha256, release=release, bytes=size, added=time_of(added_ms))
