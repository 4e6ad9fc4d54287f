"""The open file of an outbox, and one `Desk` for everything that is done to it."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from gateway.errors import GatewayError
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.seams import StateReport
from gateway.store.database import Database
from gateway.store.outbox import drops
from gateway.store.outbox.desk import Desk, Now, Policies
from gateway.store.outbox.life import Life
from gateway.store.outbox.unwritten import Unwritten
from gateway.wire.envelope import Envelope, ParcelId
from gateway.wire.summary import STREAM_OF, Summary

PART = "outbox"
"""Of its state on the board, and of its counters ("outbox.dropped", "outbox.corrupt", ...)."""

Result = TypeVar("Result")


class Office:
    """`run` raises what `Database.run` raises."""

    def __init__(
        self,
        path: Path,
        gateway: str,
        policies: Policies,
        *,
        clock: Clock,
        believed: Callable[[datetime], datetime | None],
        report: StateReport,
        counters: Counters,
    ) -> None:
        self._gateway = gateway
        self._policies = policies
        self._clock = clock
        self._believed = believed
        self._counters = counters
        self._life = Life(clock.now())
        self._unwritten = Unwritten()
        self.database = Database(path, report=report, counters=counters, part=PART, layout=self._life.layout())

    async def __aenter__(self) -> "Office":
        await self.database.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with suppress(GatewayError):  # told on the board; what could not be counted by now never will be
                await self.run(lambda _desk: None)
        finally:
            await self.database.__aexit__(kind, error, trace)

    @property
    def epoch(self) -> int:
        return self._life.epoch

    def _now(self) -> Now:
        stamp = self._clock.now()
        wall = self._believed(stamp.wall)
        return Now(wall_s=None if wall is None else int(wall.timestamp()), mono_s=stamp.mono_ns // 10**9)

    async def run(self, work: Callable[[Desk], Result], *, durable: bool = False) -> Result:
        """One transaction. `work` may run twice and must touch nothing but the desk."""
        now, owed = self._now(), self._unwritten.take()

        def whole(connection: sqlite3.Connection) -> tuple[Result, int]:
            desk = Desk(connection, self._life, self._gateway, self._policies, now)
            for drop in owed:
                drops.count(connection, drop)
            result = work(desk)
            desk.done()
            return result, desk.dropped

        try:
            result, dropped = await self.database.run(whole, durable=durable)
        except GatewayError:
            self._unwritten.give_back(owed)
            raise
        self._counters.add(f"{PART}.dropped", dropped)
        return result

    def lose(self, summaries: Iterable[Summary], time: datetime | None) -> None:
        """Count as dropped what could not be written; with the next transaction that can be."""
        hour = self._now().hour
        for one in summaries:
            parcel = ParcelId(gateway=self._gateway, stream=STREAM_OF[one.kind], epoch=self.epoch, seq=0)
            self._unwritten.add(Envelope(id=parcel, time=time, data=one), hour)
            self._counters.add(f"{PART}.dropped")
