"""Alerts to whoever wants to hear of them: a POST each, signed, again until it is taken.

The signature is HMAC-SHA-256 over "<seconds>.<body>", as `t=<seconds>,v1=<hex>`: the receiver refuses what is old. Each
is sent at least once; `id` and `event` together tell what came twice.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import datetime

from aiohttp import ClientError, ClientSession, ClientTimeout

from gateway.errors import Transient
from services.hub.store import alerts as kept
from services.hub.store.alerts import Alert
from services.hub.store.database import Database
from services.hub.store.locks import Lock
from services.hub.store.times import seconds

SIGNATURE = "X-Hearthgate-Signature"
_PAGE = 100
_TIMEOUT = ClientTimeout(total=10)


def signature(key: str, body: bytes, at: datetime) -> str:
    stamp = seconds(at)
    mac = hmac.new(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    return f"t={stamp},v1={mac.hexdigest()}"


def message(alert: Alert) -> bytes:
    cleared = None if alert.cleared is None else alert.cleared.isoformat()
    body = {
        "id": alert.id,
        "event": "raised" if cleared is None else "cleared",
        "home": alert.gateway,
        "kind": alert.kind,
        "subject": alert.subject,
        "level": alert.level,
        "value": alert.value,
        "raised": alert.raised.isoformat(),
        "cleared": cleared,
    }
    return json.dumps(body, separators=(",", ":")).encode()


class Messenger:
    """`key` signs. One that was raised and cleared before anybody heard of it is told of once, as cleared."""

    def __init__(self, database: Database, http: ClientSession, url: str, key: str) -> None:
        self._database, self._http, self._url, self._key = database, http, url, key

    async def tell(self, now: Callable[[], datetime]) -> int:
        """How many were taken: all that wait, oldest first, by one process at a time. Raises `Transient`
        ("webhook_unreachable", "webhook_refused") where one was not; it and what is behind it come again."""
        done = 0
        async with self._database.alone(Lock.TELL) as alone:
            while alone and (waiting := await self._waiting()):
                for alert in waiting:
                    await self._send(message(alert), now())
                    async with self._database.transaction() as session:
                        await kept.told(session, alert)
                done += len(waiting)
        return done

    async def _waiting(self) -> Sequence[Alert]:
        async with self._database.transaction() as session:
            return await kept.untold(session, _PAGE)

    async def _send(self, body: bytes, at: datetime) -> None:
        headers = {"Content-Type": "application/json", SIGNATURE: signature(self._key, body, at)}
        try:
            async with self._http.post(
                self._url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                if not 200 <= answer.status < 300:
                    raise Transient("webhook_refused", answered=answer.status)
        except (ClientError, TimeoutError, OSError) as error:
            raise Transient("webhook_unreachable", reason=type(error).__name__) from error
