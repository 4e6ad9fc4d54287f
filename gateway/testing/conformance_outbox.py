"""What the drain relies on in an outbox; run on the fake and on the real one alike."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.seams import Parcel
from gateway.types import Level
from gateway.wire.envelope import ParcelId, load
from gateway.wire.summary import DeviceHealth, Dropped, DropReason, Stream, Summary

_PATIENCE_S = 10.0
_PLENTY = 10**6


class AnyOutbox(Protocol):
    @property
    def epoch(self) -> int: ...
    async def put(self, summaries: Sequence[Summary], time: datetime | None) -> tuple[ParcelId | None, ...]: ...
    async def next(self, limit: int, most_bytes: int) -> tuple[Parcel, ...]: ...
    async def settle(self, kept: Collection[ParcelId], refused: Mapping[ParcelId, str]) -> None: ...
    async def arrived(self) -> None: ...


async def check_outbox(outbox: AnyOutbox) -> None:
    """All checks on an empty outbox of the gateway "home", in which drops are more important than devices; it is empty
    again afterwards. Raises `AssertionError` with the promise that was broken."""
    await check_ids(outbox)
    await check_order(outbox)
    await check_limits(outbox)
    await check_settled(outbox)
    await check_arrival(outbox)


async def check_ids(outbox: AnyOutbox) -> None:
    assert await outbox.next(10, _PLENTY) == (), "it is empty"
    (first,) = await outbox.put([_device(0)], None)
    (second,) = await outbox.put([_device(1)], None)
    assert first is not None, "there is room"
    assert second is not None, "there is room for another"
    assert (first.gateway, first.stream, first.epoch) == ("home", Stream.DEVICES, outbox.epoch), "an id says whose"
    assert second.seq == first.seq + 1, "numbers within a stream have no gap"
    await outbox.settle({first, second}, {})


async def check_order(outbox: AnyOutbox) -> None:
    devices = await outbox.put([_device(n) for n in range(5)], None)
    drops = await outbox.put([_drop(n) for n in range(2)], None)
    parcels = await outbox.next(100, _PLENTY)
    assert [parcel.id for parcel in parcels] == [*drops, *devices], "the most important stream first, oldest first"
    assert [str(load(parcel.body).id) for parcel in parcels] == [str(p.id) for p in parcels], "a body says its id"
    assert await outbox.next(100, _PLENTY) == parcels, "looking removes nothing"
    await outbox.settle({parcel.id for parcel in parcels}, {})


async def check_limits(outbox: AnyOutbox) -> None:
    await outbox.put([_device(n) for n in range(5)], None)
    parcels = await outbox.next(100, _PLENTY)
    assert await outbox.next(3, _PLENTY) == parcels[:3], "no more than asked for"
    size = len(parcels[0].body)
    assert len(await outbox.next(100, 2 * size + size // 2)) == 2, "no more bytes than asked for"
    assert await outbox.next(100, 1) == parcels[:1], "what is larger comes alone"
    await outbox.settle({parcel.id for parcel in parcels}, {})


async def check_settled(outbox: AnyOutbox) -> None:
    await outbox.put([_device(n) for n in range(4)], None)
    one, two, three, four = await outbox.next(100, _PLENTY)
    await outbox.settle({two.id}, {three.id: "summary_invalid"})
    await outbox.settle({two.id}, {three.id: "summary_invalid"})
    assert await outbox.next(100, _PLENTY) == (one, four), "what is settled is gone, and nothing else"
    await outbox.settle({one.id, four.id}, {})
    assert await outbox.next(100, _PLENTY) == (), "it is empty"


async def check_arrival(outbox: AnyOutbox) -> None:
    await _drained(outbox)
    waiting = asyncio.ensure_future(outbox.arrived())
    await asyncio.sleep(0)
    assert not waiting.done(), "nothing has come in"
    put = await outbox.put([_device(0)], None)
    async with asyncio.timeout(_PATIENCE_S):
        await waiting
    await outbox.put([_device(1)], None)
    async with asyncio.timeout(_PATIENCE_S):
        await outbox.arrived()
    await outbox.settle({id_ for id_ in put if id_}, {})
    await outbox.settle({parcel.id for parcel in await outbox.next(100, _PLENTY)}, {})


async def _drained(outbox: AnyOutbox) -> None:
    """Take note of what came in before."""
    await outbox.put([_device(0)], None)
    async with asyncio.timeout(_PATIENCE_S):
        await outbox.arrived()
    await asyncio.sleep(0)
    await outbox.settle({parcel.id for parcel in await outbox.next(100, _PLENTY)}, {})


def _device(n: int) -> Summary:
    return DeviceHealth(hour=3600, device="lamp", readings=n, level=Level.OK)


def _drop(n: int) -> Summary:
    return Dropped(hour=3600, stream=Stream.DEVICES, reason=DropReason.AGE, count=n, bytes=0)
