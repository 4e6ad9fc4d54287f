"""A transport that carries nothing anywhere and does what it is told."""

import asyncio
from collections.abc import Sequence

from gateway.errors import GatewayError, Transient
from gateway.seams import Parcel, Receipts
from gateway.wire.envelope import ParcelId


class MemoryTransport:
    """`arrived` is what came over, in order and with repetitions, `batches` how many at a time. `refuses` names ids
    that will never be taken; `mute` lets nothing be acknowledged; `broken`, when set, is raised by `open`."""

    def __init__(self, *, refuses: Sequence[ParcelId] = (), broken: GatewayError | None = None) -> None:
        self.arrived: list[Parcel] = []
        self.batches: list[int] = []
        self.opened = 0
        self.broken = broken
        self.mute = False
        self._refuses = frozenset(refuses)
        self._lost: asyncio.Future[GatewayError] | None = None

    def lose(self, error: GatewayError | None = None) -> None:
        """End the open connection."""
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(error or Transient("uplink_unreachable"))

    async def open(self) -> None:
        if self.broken is not None:
            raise self.broken
        if self._lost is None or self._lost.done():
            self.opened += 1
            self._lost = asyncio.get_running_loop().create_future()

    async def send(self, batch: Sequence[Parcel]) -> Receipts:
        if self._lost is None:
            raise Transient("uplink_unreachable")
        if self._lost.done():
            raise self._lost.result()
        self.batches.append(len(batch))
        self.arrived += batch
        await asyncio.sleep(0)
        if self.mute and batch:
            raise Transient("uplink_stalled")
        ids = frozenset(parcel.id for parcel in batch)
        refused = ids & self._refuses
        return Receipts(kept=ids - refused, refused=dict.fromkeys(refused, "summary_invalid"))

    async def lost(self) -> None:
        if self._lost is None:
            raise Transient("uplink_unreachable")
        raise await asyncio.shield(self._lost)

    async def close(self) -> None:
        self._lost = None
