"""Passwords: what is good enough, and argon2id on one thread of its own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.errors import Invalid

MIN_LENGTH = 10
MAX_LENGTH = 256


def check_user(user: str) -> str:
    """The user name as it is kept. Raises `Invalid("user_invalid")`."""
    kept = user.strip()
    if not 1 <= len(kept) <= 64 or not kept.isprintable():
        raise Invalid("user_invalid", longest=64)
    return kept


def check_password(password: str, user: str) -> None:
    """Raises `Invalid` ("password_short", "password_long", "password_like_user", "password_simple")."""
    if len(password) < MIN_LENGTH:
        raise Invalid("password_short", shortest=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise Invalid("password_long", longest=MAX_LENGTH)
    if user.casefold() in (password.casefold(), password.casefold()[::-1]):
        raise Invalid("password_like_user")
    if len(set(password)) < 4:
        raise Invalid("password_simple")


class Passwords:
    """argon2id with the memory that OWASP names as the least (19 MiB, two passes): a Raspberry Pi affords it, and
    one thread means that a crowd of logins cannot take the house down."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._nobody = self._hasher.hash("nobody has this password")

    async def __aenter__(self) -> Self:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="web-argon2")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._hasher.hash, password)

    async def matches(self, hashed: str | None, password: str) -> bool:
        """The same work is done where there is no such user (`hashed` is None): time tells nothing."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._verify, hashed, password)

    def _verify(self, hashed: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(hashed or self._nobody, password) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False
