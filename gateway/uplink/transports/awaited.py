"""Which parcels of a batch still wait for a receipt."""

import asyncio
from collections.abc import Iterable

from gateway.errors import GatewayError
from gateway.seams import Parcel, Receipts
from gateway.wire.envelope import ParcelId
from gateway.wire.summary import Stream
from gateway.wire.uplink import Receipt


class Awaited:
    """`changed` is set by every receipt; `failure` is why the rest will not come on this connection."""

    def __init__(self, batch: Iterable[Parcel]) -> None:
        self.changed = asyncio.Event()
        self.failure: GatewayError | None = None
        self._open: dict[tuple[Stream, int], dict[int, ParcelId]] = {}
        for parcel in batch:
            self._open.setdefault((parcel.id.stream, parcel.id.epoch), {})[parcel.id.seq] = parcel.id
        self._kept: set[ParcelId] = set()
        self._refused: dict[ParcelId, str] = {}

    @property
    def over(self) -> bool:
        return self.failure is not None or not any(self._open.values())

    @property
    def receipts(self) -> Receipts:
        return Receipts(kept=frozenset(self._kept), refused=dict(self._refused))

    def keep(self, parcel: ParcelId) -> None:
        if self._close(parcel):
            self._kept.add(parcel)

    def refuse(self, parcel: ParcelId, key: str) -> None:
        if self._close(parcel):
            self._refused[parcel] = key

    def fail(self, error: GatewayError) -> None:
        self.failure = self.failure or error
        self.changed.set()

    def take(self, receipt: Receipt) -> None:
        """What it says of parcels of this batch; the rest of it is of no concern here."""
        for run in receipt.kept:
            waiting = self._open.get((run.stream, run.epoch), {})
            for parcel in [waiting[seq] for seq in waiting if run.first <= seq <= run.last]:
                self.keep(parcel)
        for refusal in receipt.refused:
            concerned = self._open.get((refusal.stream, refusal.epoch), {}).get(refusal.seq)
            if concerned is not None:
                self.refuse(concerned, refusal.key)

    def _close(self, parcel: ParcelId) -> bool:
        self.changed.set()
        return self._open.get((parcel.stream, parcel.epoch), {}).pop(parcel.seq, None) is not None
