"""The door: claimed once with a code that only who can read the console knows, opened with a password after."""

import asyncio
import hmac
import json
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Self

from gateway.errors import Refused
from gateway.flow.clock import Clock
from gateway.web.auth.keyvalue import KeyValue
from gateway.web.auth.limits import KnockLimit
from gateway.web.auth.passwords import Passwords, check_password, check_user
from gateway.web.auth.sessions import Session, Sessions

USERS = "auth/users"
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread on a console
_LEAST_SIGNS = 8


class Auth:
    """`async with` it: the users and sessions are read at the start, the hashing thread ends with it. `code` is the one
    to claim it with, drawn where there is none or it is too short. `owned` is called on a thread of its own where there
    is an owner: at the start, and when there comes to be one."""

    def __init__(
        self,
        store: KeyValue,
        clock: Clock,
        *,
        session_lasts: timedelta = timedelta(days=30),
        code: str | None = None,
        owned: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._given = code or ""
        self._owned = owned
        self._limit = KnockLimit(clock)
        self._sessions = Sessions(store, clock, lasts=session_lasts)
        self._users: dict[str, str] = {}
        self._code: str | None = None
        self._claiming = asyncio.Lock()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._passwords = await self._stack.enter_async_context(Passwords())
        self._users = json.loads(await self._store.get(USERS) or "{}")
        await self._sessions.load()
        if self._users:
            await asyncio.to_thread(self._owned)
        else:
            self._code = self._given if len(_signs(self._given)) >= _LEAST_SIGNS else _drawn()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def claimed(self) -> bool:
        return bool(self._users)

    def claim_code(self) -> str | None:
        """What to print once on the console; None when the gateway already has an owner."""
        return self._code

    async def claim(self, code: str, user: str, password: str, *, address: str | None) -> tuple[str, Session]:
        """The first user and a session. Raises `Refused` ("too_many_attempts", "already_claimed",
        "claim_code_wrong") or `Invalid` for a user name or password that will not do."""
        self._limit.knock(address)
        async with self._claiming:
            if self._code is None:
                raise Refused("already_claimed", status=409)
            if not hmac.compare_digest(_signs(code), _signs(self._code)):
                raise Refused("claim_code_wrong")
            user = check_user(user)
            check_password(password, user)
            users = {user: await self._passwords.hash(password)}
            await self._store.set(USERS, json.dumps(users))
            self._users, self._code = users, None
            await asyncio.to_thread(self._owned)
        return await self._sessions.open(user)

    async def login(self, user: str, password: str, *, address: str | None) -> tuple[str, Session]:
        """A session. Raises `Refused` ("too_many_attempts", "login_wrong"), the same for an unknown user."""
        self._limit.knock(address)
        user = user.strip()
        if not await self._passwords.matches(self._users.get(user), password):
            raise Refused("login_wrong", status=401)
        return await self._sessions.open(user)

    def session(self, token: str | None) -> Session | None:
        return self._sessions.find(token) if token else None

    def seconds_left(self, session: Session) -> float:
        """Until the session ends by itself; 0.0 once it is closed."""
        return self._sessions.seconds_left(session)

    async def logout(self, session: Session) -> None:
        await self._sessions.close(session)


def _drawn() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def _signs(code: str) -> str:
    """What counts of a code, however it was typed."""
    return "".join(sign for sign in code.upper() if sign in _ALPHABET)
