"""The listening socket, and how many may be at it."""

import asyncio
import contextlib
import ssl
from collections import Counter
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Self

from gateway.errors import Refused
from services.hub.door.contract import Gatekeeper, Intake
from services.hub.door.exchange import Exchange
from services.hub.door.greeting import Guest, greet
from services.hub.door.limits import Limits
from services.hub.door.reasons import Broken, Reason
from services.hub.door.session import Session
from services.hub.store.words import NOBODY

_CLOSE_S = 5.0
_BACKLOG = 1024


class Door:
    """Listens while the context is open. `port` 0 takes a free one; `.port` tells which. Raises `Refused("door_port")`.

    `counts` has, by gateway (`NOBODY`: strangers) and key, why clients were not let in or were sent away; not what was
    the hub's own fault, nor those that just left."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        tls: ssl.SSLContext | None,
        gatekeeper: Gatekeeper,
        intake: Intake,
        exchange: Exchange,
        limits: Limits,
    ) -> None:
        self.port = port
        self.counts: Counter[tuple[str, str]] = Counter()
        self._host = host
        self._tls = tls
        self._gatekeeper = gatekeeper
        self._limits = limits
        self._make: Callable[..., Session] = lambda *guest: Session(
            *guest, intake=intake, exchange=exchange, limits=limits
        )
        self._exchange = exchange
        self._clients: set[asyncio.Task[None]] = set()
        self._strangers = 0

    async def __aenter__(self) -> Self:
        handshake_s = None if self._tls is None else self._limits.enter_s
        try:
            self._server = await asyncio.start_server(
                self._serve, self._host, self.port, ssl=self._tls, ssl_handshake_timeout=handshake_s, backlog=_BACKLOG
            )
        except OSError as error:
            raise Refused("door_port", host=self._host, port=self.port, reason=error.strerror) from error
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._server.close()
        self._exchange.close()
        if self._clients:
            _, late = await asyncio.wait(self._clients, timeout=_CLOSE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        full = len(self._clients) >= self._limits.most_connections or self._strangers >= self._limits.most_strangers
        self._clients.add(task)
        try:
            if full:
                self.counts[NOBODY, "door_full"] += 1
                return
            with self._counting(NOBODY):
                guest = await self._greet(reader, writer)
                with self._counting(guest.gateway):
                    await self._make(guest, reader, writer).run()
        finally:
            await _shut(writer)
            self._clients.discard(task)

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Guest:
        self._strangers += 1
        try:
            return await greet(reader, writer, self._gatekeeper, self._limits)
        finally:
            self._strangers -= 1

    @contextlib.contextmanager
    def _counting(self, gateway: str) -> Generator[None]:
        try:
            yield
        except Broken as error:
            if error.reason is not Reason.UNAVAILABLE:
                self.counts[gateway, error.key] += 1
        except TimeoutError:
            self.counts[gateway, "client_does_not_read"] += 1
        except (EOFError, OSError):  # they left, as clients do
            return


async def _shut(writer: asyncio.StreamWriter) -> None:
    """Says what is left to be said, but not to somebody who does not listen."""
    writer.close()
    try:
        async with asyncio.timeout(_CLOSE_S):
            with contextlib.suppress(OSError):
                await writer.wait_closed()
    except TimeoutError:
        writer.transport.abort()
