"""What the gateways of a batch are told of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from gateway.wire.envelope import ParcelId
from gateway.wire.uplink import Receipt, Refusal, Run
from services.hub.store.words import Taken

_MOST = 250
"""Of either list in one receipt, so that it stays within `gateway.wire.uplink.MOST_BYTES`."""


def receipts(taken: Taken) -> Mapping[str, tuple[Receipt, ...]]:
    """By gateway; none for a gateway of which nothing was settled."""
    kept: defaultdict[str, list[Run]] = defaultdict(list)
    for gateway, run in _runs(taken.kept):
        kept[gateway].append(run)
    refused: defaultdict[str, list[Refusal]] = defaultdict(list)
    for parcel, key in sorted(taken.refused.items()):
        refused[parcel.gateway].append(Refusal(stream=parcel.stream, epoch=parcel.epoch, seq=parcel.seq, key=key))
    return {gateway: _messages(kept[gateway], refused[gateway]) for gateway in sorted({*kept, *refused})}


def _runs(parcels: Iterable[ParcelId]) -> list[tuple[str, Run]]:
    runs: list[tuple[str, Run]] = []
    for parcel in sorted(parcels):
        if runs and _follows(*runs[-1], parcel):
            gateway, run = runs[-1]
            runs[-1] = (gateway, run.model_copy(update={"last": parcel.seq}))
        else:
            alone = Run(stream=parcel.stream, epoch=parcel.epoch, first=parcel.seq, last=parcel.seq)
            runs.append((parcel.gateway, alone))
    return runs


def _follows(gateway: str, run: Run, parcel: ParcelId) -> bool:
    return (gateway, run.stream, run.epoch, run.last + 1) == (
        parcel.gateway,
        parcel.stream,
        parcel.epoch,
        parcel.seq,
    )


def _messages(kept: list[Run], refused: list[Refusal]) -> tuple[Receipt, ...]:
    starts = range(0, max(len(kept), len(refused)), _MOST)
    return tuple(Receipt(kept=tuple(kept[at : at + _MOST]), refused=tuple(refused[at : at + _MOST])) for at in starts)
