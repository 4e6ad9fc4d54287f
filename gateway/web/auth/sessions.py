"""Sessions: random tokens, of which only the hash is kept."""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.flow.clock import Clock
from gateway.web.auth.keyvalue import KeyValue

KEY = "auth/sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`id` is the SHA-256 of the cookie's token, in hex; `expires` is aware UTC."""

    id: str
    user: str
    expires: datetime


def token_id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token(token: str) -> str:
    """What a page of this session puts in its header: only who holds the token can compute it."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


class Sessions:
    """All sessions in one stored value, written through; at most `most`, the oldest leaves first."""

    def __init__(self, store: KeyValue, clock: Clock, *, lasts: timedelta, most: int = 32) -> None:
        self._store, self._clock, self._lasts, self._most = store, clock, lasts, most
        self._known: dict[str, Session] = {}

    async def load(self) -> None:
        kept = json.loads(await self._store.get(KEY) or "{}")
        self._known = {
            key: Session(id=key, user=value["user"], expires=datetime.fromisoformat(value["expires"]))
            for key, value in kept.items()
        }

    async def open(self, user: str) -> tuple[str, Session]:
        """A fresh token of 256 random bits and its session."""
        token = secrets.token_urlsafe(32)
        session = Session(id=token_id(token), user=user, expires=self._clock.now().wall + self._lasts)
        self._known[session.id] = session
        await self._save()
        return token, session

    def find(self, token: str) -> Session | None:
        session = self._known.get(token_id(token))
        return session if session and session.expires > self._clock.now().wall else None

    def seconds_left(self, session: Session) -> float:
        return (session.expires - self._clock.now().wall).total_seconds() if session.id in self._known else 0.0

    async def close(self, session: Session) -> None:
        self._known.pop(session.id, None)
        await self._save()

    async def _save(self) -> None:
        now = self._clock.now().wall
        fresh = [session for session in self._known.values() if session.expires > now][-self._most :]
        self._known = {session.id: session for session in fresh}
        kept = {s.id: {"user": s.user, "expires": s.expires.isoformat()} for s in fresh}
        await self._store.set(KEY, json.dumps(kept))
