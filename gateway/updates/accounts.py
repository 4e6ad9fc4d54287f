"""Accounts of devices at the broker of this machine. The daemon may not write them: it wishes, and root grants."""

import asyncio
import base64
import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from gateway.errors import Invalid, Refused, Transient
from gateway.flow.clock import Clock
from gateway.wire.accounts import GRANTED, WISH, Granted, Wish

GRANT_S = 30.0
"""Within what root has looked at a wish: it starts an interpreter for it, on a slow card."""
_LOOK_S = 0.25
_ITERATIONS = 1000
"""The password is drawn from 144 bits, so there is nothing to guess; a broker checks it at every connection."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_OWN = "hearthgate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    name: str
    password: str


class BrokerAccounts:
    """`folder` is where wishes are laid, `granted` what root tells. Where there are none of these, as anywhere but on
    an image, every method raises `Refused("accounts_absent")`."""

    def __init__(self, folder: Path, clock: Clock, granted: Path = Path(GRANTED)) -> None:
        self._folder, self._clock, self._granted = folder, clock, granted

    async def names(self) -> Sequence[str]:
        return (await asyncio.to_thread(self._read)).names

    async def add(self, name: str) -> Account:
        """A new password, for a device that is new or has lost its own; it is told this once. Raises
        `Invalid("account_name")`, and as `remove` does."""
        if name == _OWN or not _NAME.fullmatch(name):
            raise Invalid("account_name")
        password = secrets.token_urlsafe(18)
        digest = await asyncio.to_thread(digest_of, password)
        await self._have(Wish(id=secrets.token_hex(8), name=name, digest=digest))
        return Account(name=name, password=password)

    async def remove(self, name: str) -> None:
        """Raises `Refused("account_unknown")`, `Transient` ("account_pending": another one is being looked at, or
        nobody looks) and `Refused` with root's own key."""
        if name not in await self.names():
            raise Refused("account_unknown", status=404)
        await self._have(Wish(id=secrets.token_hex(8), name=name))

    async def _have(self, wish: Wish) -> None:
        await asyncio.to_thread(self._read)
        await asyncio.to_thread(self._lay, wish)
        try:
            for _ in range(int(GRANT_S / _LOOK_S)):
                await self._clock.sleep(_LOOK_S)
                told = await asyncio.to_thread(self._read)
                if told.last == wish.id:
                    break
            else:
                raise Transient("account_pending")
        finally:
            await asyncio.to_thread(self._withdraw, wish)
        if told.key is not None:
            raise Refused(told.key, status=409)

    def _read(self) -> Granted:
        try:
            if self._folder.is_dir():
                return Granted.model_validate_json(self._granted.read_bytes())
        except (OSError, ValidationError):
            pass
        raise Refused("accounts_absent", status=404)

    def _lay(self, wish: Wish) -> None:
        """Whole, or not at all; never in the place of another one."""
        fresh = self._folder / f".{wish.id}"
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(wish.model_dump_json(exclude_none=True).encode())
            os.link(fresh, self._folder / WISH)
        except FileExistsError:
            raise Transient("account_pending") from None
        except OSError as error:
            raise Transient("memory_unwritable", reason=error.strerror or "") from None
        finally:
            fresh.unlink(missing_ok=True)

    def _withdraw(self, wish: Wish) -> None:
        """Where nobody has looked at it: it is not to come true when somebody does."""
        file = self._folder / WISH
        with contextlib.suppress(OSError):
            if wish.id.encode() in file.read_bytes():
                file.unlink()


def digest_of(password: str) -> str:
    """As Mosquitto keeps it, see `gateway.wire.accounts.Digest`."""
    salt = secrets.token_bytes(12)
    raw = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, 64)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(raw).decode()}"
