"""Ten thousand gateways over a few connections, or each over its own: what they send, and when they heard of it."""

import asyncio
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from itertools import count
from types import TracebackType
from typing import Self

from gateway.wire.envelope import Envelope, ParcelId
from gateway.wire.envelope import dump as dump_envelope
from gateway.wire.summary import HOUR_S, Presence, Stream
from gateway.wire.uplink import Hello, Receipt, UplinkTopics, dump, load
from services.hub.app.bench.line import Line

_SHARED = 4
_INSTANCE = "0" * 32


def name(number: int) -> str:
    return f"bench-{number:05}"


class Swarm:
    """With `sockets` each gateway has a connection of its own; without, they share four, and the first of those listens
    to the receipts of all.

    `took_s` has, for every summary with a receipt, the seconds from its publication to its receipt; `waiting` is how
    many have none yet."""

    def __init__(self, port: int, gateways: int, *, sockets: bool) -> None:
        self._port = port
        self._gateways = gateways
        self._sockets = sockets
        self._stack = AsyncExitStack()
        self._lines: list[Line] = []
        self._seqs = [count(1) for _ in range(gateways)]
        self._topics = [UplinkTopics(gateway=name(number)) for number in range(gateways)]
        self._epoch = time.time_ns() // 1_000_000 * 1024
        self._sent: dict[tuple[str, int], float] = {}
        self._heard = asyncio.Event()
        self.took_s: list[float] = []

    @property
    def waiting(self) -> int:
        return len(self._sent)

    async def __aenter__(self) -> Self:
        for number in range(self._gateways if self._sockets else _SHARED):
            listen = self._topics[number].receipt if self._sockets else None if number else "gw/v1/+/receipt"
            line = Line(self._port, f"swarm-{number}", listen=listen, hear=self._hear)
            self._lines.append(await self._stack.enter_async_context(line))
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def hello(self, number: int) -> None:
        hello = Hello(online=True, instance=_INSTANCE, epoch=self._epoch, version="1.0.0")
        await self._line(number).publish(self._topics[number].hello, dump(hello), retain=True)

    async def summary(self, number: int) -> None:
        """The next one of this gateway; its clock starts before it is handed to the connection."""
        seq = next(self._seqs[number])
        parcel = ParcelId(gateway=name(number), stream=Stream.PRESENCE, epoch=self._epoch, seq=seq)
        now = datetime.now(UTC).replace(microsecond=0)
        hour = int(now.timestamp()) // HOUR_S * HOUR_S
        body = dump_envelope(Envelope(id=parcel, time=now, data=Presence(hour=hour, room="hall", minutes=seq % 60)))
        topics = self._topics[number]
        self._sent[topics.receipt, seq] = time.perf_counter()
        await self._line(number).publish(topics.stream(Stream.PRESENCE), body)

    async def fewer_than(self, waiting: int, within_s: float) -> bool:
        """Whether so few are without a receipt, within that time."""
        try:
            async with asyncio.timeout(within_s):
                while self.waiting >= waiting:
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            return False
        return True

    def forget(self) -> None:
        """What is still under way counts no more."""
        self._sent.clear()
        self.took_s.clear()

    def _line(self, number: int) -> Line:
        return self._lines[number % len(self._lines)]

    def _hear(self, topic: str, payload: bytes) -> None:
        now = time.perf_counter()
        receipt: Receipt = load(Receipt, payload)
        for run in receipt.kept:
            for seq in range(run.first, run.last + 1):
                sent = self._sent.pop((topic, seq), None)
                if sent is not None:
                    self.took_s.append(now - sent)
        self._heard.set()
