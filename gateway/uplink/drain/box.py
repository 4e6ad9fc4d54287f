"""What the drain needs of an outbox: `gateway.store.outbox.Outbox`, or `gateway.testing.outbox.MemoryOutbox`."""

from collections.abc import Collection, Mapping
from typing import Protocol

from gateway.seams import Parcel
from gateway.wire.envelope import ParcelId


class Box(Protocol):
    async def next(self, limit: int, most_bytes: int) -> tuple[Parcel, ...]:
        """Up to `limit` parcels of `most_bytes` together, or one that is larger: the most important stream first,
        oldest first within a stream. Removes nothing."""
        ...

    async def settle(self, kept: Collection[ParcelId], refused: Mapping[ParcelId, str]) -> None:
        """Forget them, durably; what is `refused` is counted as dropped. Harmless for what is gone already."""
        ...

    async def arrived(self) -> None:
        """Wait until something has come in since this returned last."""
        ...
