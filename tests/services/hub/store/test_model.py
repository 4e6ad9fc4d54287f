"""Random histories against a model that fits on a page."""

import random
from dataclasses import dataclass, field

import pytest

from gateway.wire.envelope import ParcelId
from gateway.wire.summary import HOUR_S, Stream, Summary
from services.hub.store.contract import Store
from services.hub.store.words import Delivery, Taken
from tests.services.hub.store.fleet import EPOCH, HOUR, NOON, delivery, device, energy, greeting, kept_seqs, settle

GATEWAYS = ("home-a", "home-b", "home-x")
"""The last is not enrolled."""


@dataclass
class Model:
    epochs: set[tuple[str, int]] = field(default_factory=lambda: {("home-a", EPOCH), ("home-b", EPOCH)})
    there: dict[ParcelId, Summary] = field(default_factory=dict)

    def take(self, batch: list[Delivery]) -> Taken:
        """`fresh` counts all that ever were."""
        first = {d.envelope.id: d for d in reversed(batch) if d.gateway == d.envelope.id.gateway}
        kept: set[ParcelId] = set()
        refused: dict[ParcelId, str] = {}
        unsettled: dict[ParcelId, str] = {}
        for parcel, one in first.items():
            if parcel.gateway == "home-x":
                unsettled[parcel] = "unknown_gateway"
            elif (parcel.gateway, parcel.epoch) not in self.epochs:
                unsettled[parcel] = "wrong_epoch"
            elif self.there.setdefault(parcel, one.envelope.data) == one.envelope.data:
                kept.add(parcel)
            else:
                refused[parcel] = "id_reused"
        return Taken(kept=frozenset(kept), refused=refused, unsettled=unsettled, fresh=len(self.there))


def drawn(rng: random.Random) -> Delivery:
    gateway = rng.choices(GATEWAYS, (6, 6, 1))[0]
    hour = HOUR + HOUR_S * rng.choices((0, 1, 900), (8, 2, 1))[0]
    data = energy(rng.choices((1.0, 2.0), (9, 1))[0], hour=hour) if rng.random() < 0.7 else device(3, hour=hour)
    return delivery(
        rng.randrange(1, 40),
        data,
        gateway=gateway,
        epoch=EPOCH + rng.choices((0, 1, 2), (6, 3, 1))[0],
        sender=rng.choice(GATEWAYS) if rng.random() < 0.05 else None,
    )


@pytest.mark.parametrize("seed", range(6))
async def test_the_store_does_what_the_model_does(store: Store, seed: int) -> None:
    rng, model = random.Random(seed), Model()
    await settle(store, "home-a", "home-b")
    known = 0
    for turn in range(25):
        if turn == 8:
            gateway = rng.choice(GATEWAYS[:2])
            await store.hello(gateway, greeting(epoch=EPOCH + 1), NOON)
            model.epochs.add((gateway, EPOCH + 1))
        if turn in {5, 15}:
            await store.upkeep(NOON)
        batch = [drawn(rng) for _ in range(rng.randrange(1, 25))]
        taken, expected = await store.take(batch, NOON), model.take(batch)
        assert (taken.kept, taken.refused, taken.unsettled) == (expected.kept, expected.refused, expected.unsettled)
        known += taken.fresh
        assert known == expected.fresh
    for gateway in GATEWAYS:
        for stream in (Stream.ENERGY, Stream.DEVICES):
            there = [parcel.seq for parcel in model.there if (parcel.gateway, parcel.stream) == (gateway, stream)]
            assert sorted(await kept_seqs(store, gateway, stream)) == sorted(there)
