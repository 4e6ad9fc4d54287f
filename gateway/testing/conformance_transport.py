"""What every transport must keep to; run on the fake and on the real ones alike."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gateway.errors import Transient
from gateway.seams import Parcel, Transport

PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportCase:
    """A transport that is not open yet, towards an end that takes everything. `arrived` tells the bodies that have
    come over so far, in order; `cut` ends the open connection from outside; `parcels` makes so many new ones."""

    transport: Transport
    parcels: Callable[[int], Awaitable[Sequence[Parcel]]]
    arrived: Callable[[], Sequence[bytes]]
    cut: Callable[[], Awaitable[None]]


async def check_transport(case: TransportCase) -> None:
    """All checks, one after the other; raises `AssertionError` with the promise that was broken."""
    async with asyncio.timeout(6 * PATIENCE_S):
        await check_closed(case)
        await check_delivery(case)
        await check_again(case)
        await check_lost(case)
        await case.transport.close()
        await case.transport.close()


async def check_closed(case: TransportCase) -> None:
    await case.transport.close()
    await _raises_transient(case.transport.send(await case.parcels(1)), "without a connection nothing is sent")
    await _raises_transient(case.transport.lost(), "without a connection there is one lost already")


async def check_delivery(case: TransportCase) -> None:
    await case.transport.open()
    await case.transport.open()
    before = len(case.arrived())
    batch = await case.parcels(30)
    receipts = await case.transport.send(batch)
    assert receipts.kept == {parcel.id for parcel in batch}, "what the other end took has a receipt"
    assert not receipts.refused, "nothing was refused"
    assert list(case.arrived())[before:] == [p.body for p in batch], "the very bytes arrive, in order, once"
    assert (await case.transport.send(())).kept == frozenset(), "nothing is nothing"


async def check_again(case: TransportCase) -> None:
    batch = await case.parcels(3)
    first, second = await case.transport.send(batch), await case.transport.send(batch)
    assert first.kept == second.kept == {p.id for p in batch}, "what is sent twice has a receipt twice"


async def check_lost(case: TransportCase) -> None:
    watching = asyncio.ensure_future(case.transport.lost())
    await asyncio.sleep(0)
    assert not watching.done(), "a connection that is there is not lost"
    await case.cut()
    await _raises_transient(watching, "a lost connection is told")
    await _raises_transient(case.transport.send(await case.parcels(1)), "over a lost connection nothing is sent")
    await case.transport.close()
    await case.transport.open()
    batch = await case.parcels(1)
    assert (await case.transport.send(batch)).kept == {batch[0].id}, "after a loss it can be opened again"


async def _raises_transient(doing: Awaitable[object], promise: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await doing
    except Transient:
        return
    raise AssertionError(promise)
