"""Exactly-once, on both databases."""

import asyncio
from datetime import timedelta

from gateway.wire.summary import HOUR_S, Stream
from services.hub.store.contract import Store
from services.hub.store.runs import MOST_RUNS
from services.hub.store.words import Enrolment, Refusals
from tests.services.hub.store.fleet import (
    EPOCH,
    HOUR,
    NOON,
    OTHER_INSTANCE,
    delivery,
    device,
    energy,
    greeting,
    kept_seqs,
    parcel,
    parcels,
    settle,
)


async def counted(store: Store) -> dict[tuple[str, str], int]:
    found: tuple[Refusals, ...] = await store.refusals(since=NOON, until=NOON + timedelta(hours=1))
    return {(refusal.gateway, refusal.key): refusal.count for refusal in found}


async def test_what_is_taken_can_be_read_back_unchanged(store: Store) -> None:
    await settle(store, "home-a")
    sent = delivery(1, energy(0.1 + 0.2))
    taken = await store.take([sent], NOON)
    (row,) = await store.rows("home-a", Stream.ENERGY, since=NOON, until=NOON + timedelta(hours=1))
    assert (taken.kept, taken.refused, taken.unsettled, taken.fresh) == (parcels([1]), {}, {}, 1)
    assert (row.id, row.time, row.taken, row.data) == (sent.envelope.id, NOON, NOON, sent.envelope.data)


async def test_what_comes_again_is_kept_and_counted_once(store: Store) -> None:
    await settle(store, "home-a")
    await store.take([delivery(1), delivery(2)], NOON)
    again = await store.take([delivery(2), delivery(2), delivery(3), delivery(1)], NOON)
    assert (again.kept, again.fresh) == (parcels([1, 2, 3]), 1)
    assert await kept_seqs(store) == [1, 2, 3]


async def test_a_number_that_comes_again_with_other_content_is_refused(store: Store) -> None:
    await settle(store, "home-a")
    await store.take([delivery(1), delivery(2), delivery(3)], NOON)
    changed = [delivery(1, energy(9.0)), delivery(2, energy(hour=HOUR - HOUR_S)), delivery(3)]
    taken = await store.take(changed, NOON)
    assert taken.refused == {parcel(1): "id_reused", parcel(2): "id_reused"}
    assert taken.kept == parcels([3])
    assert await kept_seqs(store) == [1, 2, 3]
    assert await counted(store) == {("home-a", "id_reused"): 2}


async def test_of_two_contents_in_one_batch_the_first_counts(store: Store) -> None:
    await settle(store, "home-a")
    taken = await store.take([delivery(1, energy(1.0)), delivery(1, energy(9.0))], NOON)
    (row,) = await store.rows("home-a", Stream.ENERGY, since=NOON, until=NOON + timedelta(hours=1))
    assert (taken.fresh, row.data) == (1, energy(1.0))


async def test_one_batch_carries_many_homes_streams_and_hours(store: Store) -> None:
    await settle(store, "home-a", "home-b")
    batch = [
        delivery(1, energy(hour=HOUR)),
        delivery(1, device(3, hour=HOUR)),
        delivery(2, energy(hour=HOUR + HOUR_S)),
        delivery(1, gateway="home-b"),
    ]
    taken = await store.take(batch, NOON)
    assert taken.kept == {one.envelope.id for one in batch}
    assert await kept_seqs(store, "home-a") == [1, 2]
    assert await kept_seqs(store, "home-a", Stream.DEVICES) == [1]
    assert await kept_seqs(store, "home-b") == [1]


async def test_strangers_and_the_revoked_change_nothing_and_are_counted(store: Store) -> None:
    await settle(store, "home-a", "home-b")
    await store.revoke("home-b", NOON)
    taken = await store.take([delivery(1, gateway="home-b"), delivery(1, gateway="home-x")], NOON)
    assert taken.kept == frozenset()
    assert taken.unsettled == {
        parcel(1, gateway="home-b"): "revoked",
        parcel(1, gateway="home-x"): "unknown_gateway",
    }
    assert await kept_seqs(store, "home-b") == []
    assert await kept_seqs(store, "home-x") == []
    assert await counted(store) == {("home-b", "revoked"): 1, ("", "unknown_gateway"): 1}


async def test_another_homes_id_changes_nothing_there_and_is_answered_to_nobody(store: Store) -> None:
    await settle(store, "home-a", "home-b")
    taken = await store.take([delivery(1, gateway="home-b", sender="home-a"), delivery(1)], NOON)
    assert (taken.kept, taken.refused, taken.unsettled) == (parcels([1]), {}, {})
    assert await kept_seqs(store, "home-b") == []
    assert await counted(store) == {("home-a", "other_home"): 1}
    genuine = await store.take([delivery(1, gateway="home-b")], NOON)
    assert genuine.fresh == 1


async def test_an_epoch_nobody_announced_is_left_until_it_is(store: Store) -> None:
    await settle(store, "home-a")
    early = await store.take([delivery(1, epoch=EPOCH + 1)], NOON)
    assert early.unsettled == {parcel(1, epoch=EPOCH + 1): "wrong_epoch"}
    await store.hello("home-a", greeting(epoch=EPOCH + 1), NOON)
    late = await store.take([delivery(1, epoch=EPOCH + 1), delivery(1)], NOON)
    assert late.fresh == 2


async def test_nothing_of_a_duplicate_is_taken(store: Store) -> None:
    await settle(store, "home-a")
    await store.hello("home-a", greeting(instance=OTHER_INSTANCE, epoch=EPOCH + 1), NOON)
    taken = await store.take([delivery(1, epoch=EPOCH + 1), delivery(1)], NOON)
    assert taken.unsettled == {parcel(1, epoch=EPOCH + 1): "wrong_epoch"}
    assert taken.kept == parcels([1])


async def test_a_scattered_epoch_has_an_end(store: Store) -> None:
    await settle(store, "home-a")
    scattered = [delivery(2 * number) for number in range(1, MOST_RUNS + 2)]
    taken = await store.take(scattered, NOON)
    assert taken.refused == {parcel(2 * (MOST_RUNS + 1)): "too_scattered"}
    filled = await store.take([delivery(3)], NOON)
    assert filled.fresh == 1
    again = await store.take([delivery(2 * (MOST_RUNS + 1))], NOON)
    assert again.fresh == 1


async def test_no_batch_at_all_is_no_error(store: Store) -> None:
    assert (await store.take([], NOON)).kept == frozenset()


async def test_poison_is_counted_by_gateway_and_hour(store: Store) -> None:
    await store.enrol(Enrolment(gateway="home-a"), NOON)
    await store.refuse({("home-a", "summary_invalid"): 3, ("who", "payload_not_json"): 1}, NOON)
    await store.refuse({("home-a", "summary_invalid"): 2, ("else", "payload_not_json"): 1}, NOON)
    await store.refuse({("home-a", "summary_invalid"): 1}, NOON + timedelta(hours=1))
    assert await counted(store) == {("home-a", "summary_invalid"): 5, ("", "payload_not_json"): 2}


async def test_the_same_parcels_at_once_from_all_sides_are_counted_once(store: Store) -> None:
    """As when a broker hands the unacknowledged to another worker."""
    await settle(store, "home-a", "home-b")
    batches = [
        [delivery(seq, gateway=gateway) for seq in range(first, first + 20) for gateway in ("home-a", "home-b")]
        for first in (1, 11, 1, 21, 11, 1)
    ]
    taken = await asyncio.gather(*(store.take(batch[::step], NOON) for batch in batches for step in (1, -1)))
    assert sum(one.fresh for one in taken) == 80
    assert await kept_seqs(store, "home-a") == list(range(1, 41))
    assert await kept_seqs(store, "home-b") == list(range(1, 41))


async def test_last_seen_moves_on_once_a_minute(store: Store) -> None:
    await settle(store, "home-a")
    await store.take([delivery(1)], NOON + timedelta(seconds=30))
    soon = await store.home("home-a")
    await store.take([delivery(2)], NOON + timedelta(seconds=90))
    later = await store.home("home-a")
    assert soon is not None
    assert later is not None
    assert (soon.seen, later.seen) == (NOON, NOON + timedelta(seconds=90))
