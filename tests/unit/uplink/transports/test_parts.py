"""The small parts of the MQTT transport."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import Refused
from gateway.seams import Parcel
from gateway.testing.outbox import MemoryOutbox
from gateway.uplink.profiles import MOST_IDENTITY_BYTES, MOST_SLASHES, MOST_TOPIC_BYTES, PROFILES
from gateway.uplink.transports.awaited import Awaited
from gateway.uplink.transports.expiry import LEAST_S, expiry_s
from gateway.uplink.transports.failures import by_code, refusal_of
from gateway.wire.envelope import MOST_BYTES
from gateway.wire.summary import Stream
from gateway.wire.uplink import Receipt, Refusal, Run, UplinkTopics
from tests.unit.uplink.support import devices

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY_S = 86_400


async def parcels(count: int, time: datetime | None = None) -> tuple[Parcel, ...]:
    box = MemoryOutbox()
    await box.put(devices(count), time)
    return await box.next(count, 10**6)


@pytest.mark.parametrize(
    ("made", "left_s"),
    [
        (NOW - timedelta(days=2), 8 * DAY_S),
        (NOW - timedelta(days=20), LEAST_S),
        (NOW + timedelta(days=5), 10 * DAY_S),
        (None, 10 * DAY_S),
    ],
)
async def test_what_is_left_of_the_longest_age_is_the_expiry(made: datetime | None, left_s: int) -> None:
    (parcel,) = await parcels(1, made)
    assert expiry_s(parcel, max_age_days=10, now=NOW, most_s=2**32 - 1) == left_s
    assert expiry_s(parcel, max_age_days=10, now=NOW, most_s=7200) == min(7200, left_s)


async def test_a_receipt_settles_what_it_names_and_nothing_else() -> None:
    batch = await parcels(6)
    awaited = Awaited(batch)
    other = Run(stream=Stream.EVENTS, epoch=1, first=1, last=100)
    stale = Run(stream=Stream.DEVICES, epoch=2, first=1, last=100)
    kept = Run(stream=Stream.DEVICES, epoch=1, first=2, last=10**17)
    refusals = (Refusal(stream=Stream.DEVICES, epoch=1, seq=1, key="id_reused"),)
    awaited.take(Receipt(kept=(other, stale)))
    assert not awaited.receipts.kept
    awaited.take(Receipt(refused=(*refusals, *refusals, Refusal(stream=Stream.EVENTS, epoch=1, seq=1, key="x"))))
    assert awaited.receipts.refused == {batch[0].id: "id_reused"}
    awaited.take(Receipt(kept=(kept, kept)))
    assert awaited.over, "nothing is waited for any more"
    assert awaited.receipts.kept == {parcel.id for parcel in batch[1:]}
    assert awaited.receipts.refused == {batch[0].id: "id_reused"}


async def test_what_was_kept_is_not_refused_afterwards() -> None:
    (parcel,) = await parcels(1)
    awaited = Awaited([parcel])
    awaited.keep(parcel.id)
    awaited.refuse(parcel.id, "id_reused")
    assert not awaited.receipts.refused


def test_a_reason_code_judges_the_message_or_the_connection() -> None:
    assert refusal_of(0x95) == "packet_too_large"
    assert refusal_of(0x87) is None
    assert isinstance(by_code(0x87), Refused)
    assert by_code(0x97).key == "uplink_busy"
    assert by_code(0x80).key == "uplink_unreachable"
    assert by_code(0x87) is not by_code(0x87), "an exception is raised once"


@pytest.mark.parametrize("name", ["aws", "eventgrid"])
def test_clouds_are_sent_nothing_that_they_would_not_take(name: str) -> None:
    profile = PROFILES[name]  # type: ignore[index]
    gateway = "g" * 48
    topics = UplinkTopics(gateway=gateway)
    for topic in [topics.hello, topics.reported, topics.progress, *map(topics.stream, Stream)]:
        assert topic.count("/") <= MOST_SLASHES
        assert len(topic.encode()) <= MOST_TOPIC_BYTES
        assert not topic.startswith("$")
    assert profile.identity(gateway, "0" * 32) == gateway
    assert len(gateway) <= MOST_IDENTITY_BYTES
    assert not profile.retain
    assert not profile.receipts
    assert profile.most_per_s is not None
    assert profile.most_per_s <= 100
    assert profile.most_in_flight <= 100
    assert profile.most_bytes <= MOST_BYTES
    assert 30 <= profile.keepalive_s <= 1160


def test_expiry_keeps_within_what_a_session_may_last() -> None:
    assert PROFILES["aws"].most_expiry_s == 7 * DAY_S
    assert PROFILES["eventgrid"].most_expiry_s == 8 * 3600


def test_only_a_hub_lets_two_gateways_under_one_id_be_told_apart() -> None:
    first, second = "a" * 32, "b" * 32
    assert PROFILES["hub"].identity("home", first) != PROFILES["hub"].identity("home", second)
    assert PROFILES["aws"].identity("home", first) == PROFILES["aws"].identity("home", second)
