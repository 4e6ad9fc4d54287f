"""Summaries in the running gateway: an hour that is over goes into the outbox, once, and so does what was dropped."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.app.recorder import written
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.types.climate import RoomStatus
from gateway.uplink.privacy.ledger import Ledger
from gateway.uplink.summaries import Summariser
from gateway.wire.envelope import ParcelId
from gateway.wire.summary import Dropped, Summary

TICK_S = 10.0
SAVE_EVERY_S = 300.0
_KEY = "uplink/summaries"


class Outgoing(Protocol):
    """What of the outbox is needed here."""

    async def put(
        self, summaries: Sequence[Summary], time: datetime | None, *, once: str | None = None
    ) -> tuple[ParcelId | None, ...]: ...

    async def drops(self) -> tuple[Dropped, ...]: ...


class Remember(Protocol):
    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str) -> None: ...


class SummaryStage:
    """`summariser` is fed by whoever hears; it lives on the loop. An hour is told where its clock is `plausible`; when
    that was, only where it is `believed`: what waits may be dropped by that age."""

    def __init__(
        self,
        summariser: Summariser,
        outgoing: Outgoing,
        *,
        remember: Remember,
        clock: Clock,
        believed: Callable[[datetime], datetime | None],
        plausible: Callable[[datetime], datetime | None] | None = None,
        counters: Counters,
        ledger: Ledger | None = None,
    ) -> None:
        self.summariser = summariser
        self._outgoing = outgoing
        self._remember = remember
        self._clock = clock
        self._believed = believed
        self._plausible = plausible or believed
        self._counters = counters
        self._ledger = ledger
        self._saved_s = float("-inf")
        self._unplaced_s = 0.0

    def room(self, status: RoomStatus) -> None:
        self.summariser.room(status, self._clock.now().mono_ns / 1e9)

    async def run(self, beat: Callable[[], None]) -> None:
        """For ever; what the hour has come to is kept when it is cancelled."""
        self._restore(await self._remember.get(_KEY))
        try:
            while True:
                beat()
                await self._tick()
                await self._clock.sleep(TICK_S)
        finally:
            await self._save()

    async def _tick(self) -> None:
        """An hour is put before that is remembered: killed in between, it is put again under the same name, and the
        outbox knows it."""
        now = self._clock.now()
        wall, mono_s = self._plausible(now.wall), now.mono_ns / 1e9
        closed = self.summariser.tick(mono_s, wall)
        if closed is not None:
            await self._outgoing.put(closed.summaries, self._believed(now.wall), once=closed.once)
            await self._outgoing.drops()
        self._count_unplaced()
        if closed is not None or mono_s - self._saved_s >= SAVE_EVERY_S:
            await self._save()
            self._saved_s = mono_s

    def _count_unplaced(self) -> None:
        """Seconds that belong to no hour, since no clock could be believed."""
        more = int(self.summariser.unplaced_s - self._unplaced_s)
        if more:
            self._unplaced_s += more
            self._counters.add("summaries.unplaced_s", more)

    async def _save(self) -> None:
        state = {"summaries": self.summariser.snapshot(), "ledger": self._ledger.snapshot() if self._ledger else {}}
        await written("summaries", self._remember.set(_KEY, json.dumps(state)), self._counters)

    def _restore(self, text: str | None) -> None:
        """What cannot be read is as if it had never been."""
        try:
            saved = json.loads(text or "{}")
        except ValueError:
            return
        if not isinstance(saved, Mapping):
            return
        summaries, ledger = saved.get("summaries"), saved.get("ledger")
        if isinstance(summaries, Mapping):
            self.summariser.restore(summaries)
        if self._ledger is not None and isinstance(ledger, Mapping):
            self._ledger.restore(ledger)
