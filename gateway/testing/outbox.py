"""An outbox in memory: what `gateway.store.outbox.Outbox` promises, but for surviving."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from gateway.seams import Parcel
from gateway.wire.envelope import Envelope, ParcelId, dump
from gateway.wire.summary import STREAM_OF, Stream, Summary


class MemoryOutbox:
    """Streams leave in the order of `priority`, those without in the order of `Stream`. `kept` and `refused` are what
    was settled, in order."""

    def __init__(self, gateway: str = "home", *, epoch: int = 1, priority: Mapping[Stream, int] | None = None) -> None:
        self.epoch = epoch
        self.kept: list[ParcelId] = []
        self.refused: dict[ParcelId, str] = {}
        self._gateway = gateway
        self._priority = priority or {}
        self._waiting: dict[ParcelId, Parcel] = {}
        self._last: dict[Stream, int] = {}
        self._came = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    async def put(self, summaries: Sequence[Summary], time: datetime | None) -> tuple[ParcelId | None, ...]:
        put = tuple(self._put(summary, time) for summary in summaries)
        self._came.set()
        return put

    async def next(self, limit: int, most_bytes: int) -> tuple[Parcel, ...]:
        order = sorted(
            self._waiting.values(), key=lambda p: (self._priority.get(p.id.stream, 5), p.id.stream, p.id.seq)
        )
        taken: list[Parcel] = []
        for parcel in order[:limit]:
            if taken and sum(len(one.body) for one in taken) + len(parcel.body) > most_bytes:
                break
            taken.append(parcel)
        return tuple(taken)

    async def settle(self, kept: Collection[ParcelId], refused: Mapping[ParcelId, str]) -> None:
        for parcel in sorted(kept):
            if self._waiting.pop(parcel, None) is not None:
                self.kept.append(parcel)
        for parcel, key in refused.items():
            if self._waiting.pop(parcel, None) is not None:
                self.refused[parcel] = key

    async def arrived(self) -> None:
        await self._came.wait()
        self._came.clear()

    def _put(self, summary: Summary, time: datetime | None) -> ParcelId:
        stream = STREAM_OF[summary.kind]
        seq = self._last[stream] = self._last.get(stream, 0) + 1
        id_ = ParcelId(gateway=self._gateway, stream=stream, epoch=self.epoch, seq=seq)
        self._waiting[id_] = Parcel(id=id_, body=dump(Envelope(id=id_, time=time, data=summary)))
        return id_
