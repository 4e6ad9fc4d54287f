"""The pages' door: claimed once with a code of the console, opened with a password or a program's token after."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from gateway.errors import Refused
from services.hub.auth import tokens
from services.hub.auth.limits import ADDRESS, NAME, Lockout, network
from services.hub.auth.passwords import Passwords, check_name, check_password
from services.hub.store import audit, credentials
from services.hub.store import operators as kept
from services.hub.store.database import Database, Session
from services.hub.store.operators import Operator, Rank

LASTS = timedelta(days=7)
_BEARER = "bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks. `name` is as the audit has it; `session` None where a program's token was shown."""

    name: str
    rank: Rank
    session: str | None = None


class Auth:
    """Sessions and tokens lie in the database: any process of the hub knows them. Tries are counted by process."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._now = now
        self._addresses = Lockout(ADDRESS, monotonic)
        self._names = Lockout(NAME, monotonic)
        self.passwords = Passwords()
        self.claim_code: str | None = None
        """What to print once on the console; None where there is an operator."""

    async def __aenter__(self) -> Self:
        await self.passwords.__aenter__()
        try:
            async with self._database.transaction() as session:
                self.claim_code = None if await kept.operators(session) else tokens.claim_code()
        except BaseException:  # whatever it was, the thread ends first
            await self.passwords.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.passwords.__aexit__()

    async def claim(self, code: str, name: str, password: str, *, address: str | None) -> tuple[str, Visitor]:
        """The first admin, and a session. Raises `Refused` ("too_many_attempts", "already_claimed",
        "claim_code_wrong") and `Invalid` for a name or password that will not do."""
        self._addresses.knock(network(address))
        if self.claim_code is None:
            raise Refused("already_claimed", status=409)
        if not tokens.same_code(code, self.claim_code):
            raise Refused("claim_code_wrong")
        check_password(password, check_name(name))
        hashed = await self.passwords.hash(password)
        async with self._database.transaction() as session:
            first = Operator(name=name, rank=Rank.ADMIN, created=self._now(), password=hashed)
            await kept.add_first(session, first)
            await audit.note(session, who="console", what="hub_claimed", subject=name, at=self._now())
            opened = await self._open(session, name, Rank.ADMIN)
        self.claim_code = None
        return opened

    async def login(self, name: str, password: str, *, address: str | None) -> tuple[str, Visitor]:
        """A session. Raises `Refused` ("too_many_attempts", "login_wrong"), the same for nobody's name."""
        self._addresses.knock(network(address))
        self._names.knock(name)
        async with self._database.transaction() as session:
            found = await kept.operator(session, name)
        if not await self.passwords.matches(None if found is None else found.password, password) or found is None:
            raise Refused("login_wrong", status=401)
        self._addresses.forgive(network(address))
        self._names.forgive(name)
        async with self._database.transaction() as session:
            await audit.note(session, who=name, what="signed_in", subject=name, at=self._now())
            return await self._open(session, name, found.rank)

    async def by_session(self, token: str | None) -> Visitor | None:
        if not token:
            return None
        async with self._database.transaction() as session:
            found = await credentials.rank_in_session(session, tokens.digest(token), self._now())
        return None if found is None else Visitor(name=found[0], rank=found[1], session=tokens.digest(token))

    async def by_bearer(self, header: str, *, address: str | None) -> Visitor:
        """`header` as in RFC 6750. Raises `Refused` ("token_wrong", status 401; "too_many_attempts")."""
        scheme, _, given = header.partition(" ")
        async with self._database.transaction() as session:
            found = await credentials.token_of(session, tokens.digest(given.strip()))
        if found is None or scheme.lower() != _BEARER:
            self._addresses.knock(network(address))  # only then: a program may ask many things at once
            raise Refused("token_wrong", status=401)
        return Visitor(name=f"token:{found.label}", rank=found.rank)

    async def logout(self, visitor: Visitor) -> None:
        if visitor.session is not None:
            async with self._database.transaction() as session:
                await credentials.close_session(session, visitor.session)

    async def change_password(self, visitor: Visitor, old: str, new: str) -> None:
        """One's own; every session ends, this one too. Raises `Refused` ("login_wrong", "too_many_attempts") and
        `Invalid` as `claim` does."""
        self._names.knock(visitor.name)
        async with self._database.transaction() as session:
            found = None if visitor.session is None else await kept.operator(session, visitor.name)
        if not await self.passwords.matches(None if found is None else found.password, old):
            raise Refused("login_wrong", status=401)
        hashed = await self.passwords.hash(check_password(new, visitor.name))
        async with self._database.transaction() as session:
            await kept.set_password(session, visitor.name, hashed)
            await audit.note(session, who=visitor.name, what="password_changed", subject=visitor.name, at=self._now())

    async def _open(self, session: Session, name: str, rank: Rank) -> tuple[str, Visitor]:
        token = tokens.fresh()
        at = self._now()
        await credentials.open_session(session, tokens.digest(token), name, expires=at + LASTS, at=at)
        return token, Visitor(name=name, rank=rank, session=tokens.digest(token))
