"""Gateways let in and shown out by hand."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from services.hub.auth import tokens
from services.hub.broker.acl import access_list, password_line
from services.hub.files import write
from services.hub.fleet.homes import all_homes
from services.hub.store import audit
from services.hub.store import gateways as kept
from services.hub.store.contract import Store
from services.hub.store.hub import HubStore
from services.hub.store.words import Enrolment

CONSOLE = "console"
"""Who did it, in the audit."""


async def enrol(store: HubStore, gateway: str, at: datetime) -> str:
    """The token, which is kept nowhere. Raises `Refused` ("gateway_known")."""
    token = tokens.fresh()
    async with store.database.transaction() as session:
        await kept.enrol(session, Enrolment(gateway=gateway, token_sha256=tokens.digest(token)), at)
        await audit.note(session, who=CONSOLE, what="home_enrolled", subject=gateway, at=at)
    return token


async def revoke(store: HubStore, gateway: str, at: datetime) -> None:
    """Raises `Refused` ("unknown_gateway")."""
    async with store.database.transaction() as session:
        await kept.revoke(session, gateway, at)
        await audit.note(session, who=CONSOLE, what="home_revoked", subject=gateway, at=at)


async def write_access_list(store: Store, file: Path, *, hub: str) -> int:
    """For how many gateways; those that are revoked have no rights."""
    known = [home.gateway async for home in all_homes(store) if home.revoked is None]
    write(file, _text(access_list(known, hub=hub)), 0o600)
    return len(known)


def set_password(file: Path, user: str, password: str) -> None:
    """In a password file of Mosquitto's; the lines of others stay."""
    before = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    lines = [line for line in before if not line.startswith(f"{user}:")]
    write(file, _text([*lines, password_line(user, password)]), 0o600)


def _text(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
