"""Gateways let in and shown out by hand."""

import secrets
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

from services.hub.broker.acl import access_list, password_line
from services.hub.door.gatekeeper import token_digest
from services.hub.store import audit
from services.hub.store import gateways as kept
from services.hub.store.contract import Enrolment, Store
from services.hub.store.hub import HubStore

CONSOLE = "console"
"""Who did it, in the audit."""

_TOKEN_BYTES = 32


async def enrol(store: HubStore, gateway: str, at: datetime) -> str:
    """The token, which is kept nowhere. Raises `Refused` ("gateway_known")."""
    token = secrets.token_hex(_TOKEN_BYTES)
    async with store.database.transaction() as session:
        await kept.enrol(session, Enrolment(gateway=gateway, token_sha256=token_digest(token)), at)
        await audit.note(session, who=CONSOLE, what="home_enrolled", subject=gateway, at=at)
    return token


async def revoke(store: HubStore, gateway: str, at: datetime) -> None:
    """Raises `Refused` ("unknown_gateway")."""
    async with store.database.transaction() as session:
        await kept.revoke(session, gateway, at)
        await audit.note(session, who=CONSOLE, what="home_revoked", subject=gateway, at=at)


async def gateways(store: Store) -> AsyncIterator[str]:
    """Of those that are not revoked."""
    after = ""
    while page := await store.homes(after=after, limit=1000):
        for home in page:
            if home.revoked is None:
                yield home.gateway
        after = page[-1].gateway


async def write_access_list(store: Store, file: Path, *, hub: str) -> int:
    """For how many gateways. The file is replaced whole."""
    known = [gateway async for gateway in gateways(store)]
    _replace(file, "\n".join(access_list(known, hub=hub)) + "\n")
    return len(known)


def set_password(file: Path, user: str, password: str) -> None:
    """In a password file of Mosquitto's; the lines of others stay."""
    before = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    lines = [line for line in before if not line.startswith(f"{user}:")]
    _replace(file, "\n".join([*lines, password_line(user, password)]) + "\n")


def _replace(file: Path, text: str) -> None:
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)
