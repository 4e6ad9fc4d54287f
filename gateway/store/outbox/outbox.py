"""The outbox: what is to leave, on the disk until somebody says that it arrived."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from gateway.config.uplink import StreamPolicy
from gateway.errors import GatewayError
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.seams import Parcel, StateReport
from gateway.store.outbox import leaving
from gateway.store.outbox.desk import Desk
from gateway.store.outbox.leaving import Waiting
from gateway.store.outbox.office import Office
from gateway.wire.envelope import ParcelId
from gateway.wire.summary import STREAM_OF, Dropped, Stream, Summary

Result = TypeVar("Result")


class Outbox:
    """`async with Outbox(...) as outbox:` opens the file, however much waits in it, and closes it at the end.

    What `put` took stays until `settle` names it, or until its stream's policy drops it; that is counted in the very
    transaction. `policy` is asked once for each stream. Nothing becomes too old unless `believed` (given the wall
    clock, aware UTC) believes it now, and a clock was believed when it was put. What was dropped meanwhile is told of
    the hour of a clock that is `plausible`; left out, only of one that is believed.

    Entering raises what entering `Database` raises, and the other methods what `Database.run` raises, but for `put`. A
    damaged file is set aside when that is found, and begun anew with another epoch; what had waited in it is counted as
    dropped. At most 1024 calls wait, more make the caller wait.
    """

    def __init__(
        self,
        path: Path,
        gateway: str,
        policy: Callable[[Stream], StreamPolicy],
        *,
        clock: Clock,
        believed: Callable[[datetime], datetime | None],
        plausible: Callable[[datetime], datetime | None] | None = None,
        report: StateReport,
        counters: Counters,
    ) -> None:
        self._policies = {stream: policy(stream) for stream in Stream}
        self._enabled = {stream for stream, one in self._policies.items() if one.enabled}
        self._order = sorted(self._enabled, key=lambda stream: (self._policies[stream].priority, stream))
        self._office = Office(
            path, gateway, self._policies, clock=clock, believed=believed, report=report, counters=counters
        )
        self._plausible = plausible or believed
        self._clock = clock
        self._unsynced = True  # a process that was killed may have left what the disk has not seen
        self._relaxed = 0
        self._news = asyncio.Event()

    async def __aenter__(self) -> "Outbox":
        await self._office.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._office.__aexit__(kind, error, trace)

    @property
    def epoch(self) -> int:
        """Of the file that is open; every parcel names its own, so look again where one names another."""
        return self._office.epoch

    async def put(
        self, summaries: Sequence[Summary], time: datetime | None, *, once: str | None = None
    ) -> tuple[ParcelId | None, ...]:
        """Their ids; None for what was not taken: its stream is full or switched off, or the disk would not have it.
        On the disk when this returns, where a stream of durability "full" is among them. Never raises for weather.

        `time` is when they were made, aware UTC, None where no clock is believed. What was put under a name, `once`, is
        not taken again under one of the last 100 names.
        """
        wanted = [STREAM_OF[one.kind] in self._enabled for one in summaries]
        durable = any(self._policies[STREAM_OF[one.kind]].durability == "full" for one in summaries)

        def work(desk: Desk) -> tuple[ParcelId | None, ...]:
            if once is not None and not desk.first_time(once):
                return (None,) * len(summaries)
            desk.trim({STREAM_OF[one.kind] for one in summaries})
            return tuple(desk.take(one, time) if want else None for one, want in zip(summaries, wanted, strict=True))

        try:
            taken = await (self._office.run(work, durable=True) if durable else self._run_relaxed(work))
        except GatewayError:  # counted by the database and told on the board
            self._office.lose([one for one, want in zip(summaries, wanted, strict=True) if want], time)
            return (None,) * len(summaries)
        self._news.set()
        return taken

    async def arrived(self) -> None:
        """Returns once something was put since it last returned. For one task."""
        await self._news.wait()
        self._news.clear()

    async def next(self, limit: int, most_bytes: int) -> tuple[Parcel, ...]:
        """What should leave next, and stays: the most important stream first, the oldest first within a stream. At
        least one where one waits.

        All of it is on the disk by then: a number that has left the house is never given a second time."""
        unsynced, self._unsynced = self._unsynced or self._relaxed > 0, False

        def work(desk: Desk) -> tuple[Parcel, ...]:
            if unsynced:
                desk.connection.execute("UPDATE life SET syncs = syncs + 1")
            desk.trim(Stream)
            return leaving.give(desk, self._order, limit, most_bytes)

        try:
            return await self._office.run(work, durable=unsynced)
        except BaseException:  # cancelled too: nobody knows what has reached the disk
            self._unsynced |= unsynced
            raise

    async def settle(self, kept: Collection[ParcelId], refused: Mapping[ParcelId, str]) -> None:
        """Take off what is `kept` elsewhere, and what was `refused` for good, which is counted as dropped. A power cut
        may bring the last of them back; ids that are not here change nothing."""
        await self._office.run(lambda desk: leaving.settle(desk, kept, refused))

    async def waiting(self) -> Mapping[Stream, Waiting]:
        """Of all streams. Costs the same however much waits."""
        return await self._office.run(lambda desk: {stream: leaving.waiting(desk, stream) for stream in Stream})

    async def peek(self, stream: Stream, after: int, limit: int) -> tuple[Parcel, ...]:
        """What waits behind number `after`, oldest first."""
        return await self._office.run(lambda desk: leaving.peek(desk, stream, after, limit))

    async def drops(self) -> tuple[Dropped, ...]:
        """Put what was dropped since last asked into the stream of drops, and tell what was put; both or neither. What
        is counted for one hour in several of them adds up. While no clock is plausible all of it waits."""
        while await self._office.run(_trimmed):
            pass
        wall = self._plausible(self._clock.now().wall)
        if wall is None:
            return ()
        told = await self._office.run(lambda desk: leaving.tell(desk, wall), durable=True)
        if told:
            self._news.set()
        return told

    async def _run_relaxed(self, work: Callable[[Desk], Result]) -> Result:
        """Without an fsync. `next` sees to one while this is under way, and once after it."""
        self._relaxed += 1
        try:
            return await self._office.run(work)
        finally:
            self._relaxed -= 1
            self._unsynced = True


def _trimmed(desk: Desk) -> bool:
    desk.trim(Stream)
    return desk.dropped > 0
