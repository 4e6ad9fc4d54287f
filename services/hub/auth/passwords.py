"""Passwords: what is good enough, and argon2id on a thread of its own."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.errors import Invalid

MIN_LENGTH = 10
MAX_LENGTH = 256
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


def check_name(name: str) -> str:
    """Of an operator; it stands in addresses and in the audit. Raises `Invalid` ("operator_name")."""
    if not _NAME.fullmatch(name):
        raise Invalid("operator_name")
    return name


def check_password(password: str, name: str) -> str:
    """Raises `Invalid` ("password_short", "password_long", "password_like_user", "password_simple")."""
    if len(password) < MIN_LENGTH:
        raise Invalid("password_short", shortest=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise Invalid("password_long", longest=MAX_LENGTH)
    if name.casefold() in {password.casefold(), password.casefold()[::-1]}:
        raise Invalid("password_like_user")
    if len(set(password)) < 4:
        raise Invalid("password_simple")
    return password


class Passwords:
    """argon2id with 19 MiB and two passes, the least that OWASP names (Password Storage Cheat Sheet). One thread: a
    crowd at the login cannot take the hub's memory."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

    async def __aenter__(self) -> Self:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hub-argon2")
        self._nobody = await self.hash("nobody has this password")
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._hasher.hash, password)

    async def matches(self, hashed: str | None, password: str) -> bool:
        """The same work is done where there is nobody (`hashed` is None): time tells nothing."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._verify, hashed, password)

    def _verify(self, hashed: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(hashed or self._nobody, password[: MAX_LENGTH + 1]) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False
