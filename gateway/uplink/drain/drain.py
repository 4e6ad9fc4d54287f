"""Empties the outbox over a transport: in batches, most important first, not faster than it may, and sees to it that a
connection over which nothing is acknowledged is made anew."""

import asyncio
from collections.abc import Callable, Sequence

from gateway.config.uplink import Uplink
from gateway.errors import GatewayError
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.flow.supervise import Backoff
from gateway.seams import Parcel, StateReport, Transport
from gateway.types import Level, State
from gateway.uplink.drain.box import Box
from gateway.uplink.drain.bucket import Bucket
from gateway.uplink.drain.retry import again, first
from gateway.uplink.profiles import PROFILES
from gateway.uplink.words import sentence
from gateway.wire.envelope import ParcelId

PART = "uplink"

Beat = Callable[[], None]


class Drain:
    """`run` it as one task; it tells the state of the part "uplink". Counters: "uplink.sent", "uplink.bytes" (payload),
    "uplink.resent", "uplink.kept", "uplink.refused"."""

    def __init__(
        self,
        *,
        box: Box,
        transport: Transport,
        settings: Uplink,
        clock: Clock,
        report: StateReport,
        counters: Counters,
        backoff: Backoff | None = None,
    ) -> None:
        self._box = box
        self._transport = transport
        self._settings = settings
        self._clock = clock
        self._report = report
        self._counters = counters
        self._backoff = backoff or Backoff(most_s=300.0)
        self._limit = min(settings.batch, PROFILES[settings.profile].most_in_flight)
        self._per_s = settings.bandwidth_kbit_s * 1000 / 8
        self._bytes = Bucket(self._per_s, clock)
        self._messages = Bucket(PROFILES[settings.profile].most_per_s or 1e9, clock)
        self._ending = asyncio.Event()
        self._notice = ""
        self._open: frozenset[ParcelId] = frozenset()

    async def run(self, beat: Beat = lambda: None) -> None:
        """Until `end`; what waits by then is still sent while the connection lasts. Cancelled, it is cut off."""
        self._tell(Level.STARTING, "connecting")
        await again(
            lambda: self._session(beat),
            clock=self._clock,
            backoff=self._backoff,
            tell=self._tell_trouble,
            ending=self._ending,
            beat=beat,
        )
        self._tell(Level.OFF, "closed")

    def end(self) -> None:
        """Have `run` send what still waits, and return."""
        self._ending.set()

    def noticed(self, key: str) -> None:
        """Something is wrong at the other end though it takes what we send: told until the next connection."""
        self._notice = key
        self._tell_running()

    async def _session(self, beat: Beat) -> None:
        """One connection, until there is nothing left to send after `end`."""
        self._notice = ""
        try:
            await first(self._transport.open(), beat=beat)
            self._tell_running()
            await self._carry(beat)
        finally:
            await self._transport.close()

    async def _carry(self, beat: Beat) -> None:
        while (batch := await self._next()) or not self._ending.is_set():
            if batch:
                await self._allowance(batch, beat)
                await self._send(batch, beat)
            else:
                await self._company(beat)

    async def _next(self) -> tuple[Parcel, ...]:
        return await self._box.next(self._limit, int(self._per_s))

    async def _company(self, beat: Beat) -> None:
        """Until something comes in, and then for a while for more of it."""
        lost, ending = self._transport.lost, self._ending.wait
        if not self._ending.is_set():
            await first(self._box.arrived(), lost(), ending(), beat=beat)
        patience = asyncio.ensure_future(self._clock.sleep(self._settings.batch_s))
        try:
            while not (patience.done() or self._ending.is_set()) and len(await self._next()) < self._limit:
                await first(self._box.arrived(), asyncio.shield(patience), lost(), ending(), beat=beat)
        finally:
            patience.cancel()

    async def _allowance(self, batch: Sequence[Parcel], beat: Beat) -> None:
        wait_s = max(self._bytes.wait_s(), self._messages.wait_s())
        if wait_s > 0:
            await first(self._clock.sleep(wait_s), self._transport.lost(), beat=beat)
        self._bytes.take(sum(len(parcel.body) for parcel in batch))
        self._messages.take(len(batch))

    async def _send(self, batch: Sequence[Parcel], beat: Beat) -> None:
        ids = frozenset(parcel.id for parcel in batch)
        self._counters.add("uplink.sent", len(batch))
        self._counters.add("uplink.bytes", sum(len(parcel.body) for parcel in batch))
        self._counters.add("uplink.resent", len(ids & self._open))
        self._open = ids
        sending = asyncio.ensure_future(self._transport.send(batch))
        await first(sending, beat=beat)
        receipts = sending.result()
        await self._box.settle(receipts.kept, receipts.refused)
        self._open -= receipts.kept | receipts.refused.keys()
        self._counters.add("uplink.kept", len(receipts.kept))
        self._counters.add("uplink.refused", len(receipts.refused))

    def _tell_running(self) -> None:
        if self._notice:
            self._tell_trouble(Level.DEGRADED, GatewayError(self._notice))
        else:
            self._tell(Level.OK, "running")

    def _tell_trouble(self, level: Level, error: GatewayError) -> None:
        self._tell(level, error.key, sentence(error))

    def _tell(self, level: Level, key: str, detail: str = "") -> None:
        self._report(State(part=PART, level=level, key=key, detail=detail, since=self._clock.now()))
