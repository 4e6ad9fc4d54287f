"""A summary under way: the same bytes for the same summary, and nothing else is taken for one."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from gateway.errors import Invalid
from gateway.wire.envelope import MOST_BYTES, Envelope, ParcelId, dump, load
from gateway.wire.summary import Presence, Stream

HOUR = 500_000 * 3600
TOLD = Presence(hour=HOUR, room="kitchen", minutes=3)
ID = ParcelId(gateway="home", stream=Stream.PRESENCE, epoch=1_800_000_000_000, seq=7)
SENT = Envelope(id=ID, time=datetime(2027, 1, 15, 8, tzinfo=UTC), data=TOLD)


def body(**changes: Any) -> bytes:
    whole = json.loads(dump(SENT)) | changes
    return json.dumps({key: value for key, value in whole.items() if value is not ...}).encode()


def test_it_is_a_cloud_event() -> None:
    assert json.loads(dump(SENT)) == {
        "specversion": "1.0",
        "id": "home/presence/1800000000000-7",
        "source": "/gateways/home",
        "type": "dev.hearthgate.presence.v1",
        "time": "2027-01-15T08:00:00Z",
        "data": {"hour": HOUR, "room": "kitchen", "minutes": 3.0},
    }


@pytest.mark.parametrize("time", [None, datetime(2027, 1, 15, 9, tzinfo=timezone(timedelta(hours=1)))])
def test_it_comes_back_as_it_was(time: datetime | None) -> None:
    sent = Envelope(id=ID, time=time, data=TOLD)
    assert load(dump(sent)) == sent
    assert dump(load(dump(sent))) == dump(sent)


def test_ids_order_within_a_stream() -> None:
    later = ParcelId(gateway="home", stream=Stream.PRESENCE, epoch=1_800_000_000_000, seq=10)
    assert later > ID
    assert ParcelId.of(str(ID)) == ID


@pytest.mark.parametrize("text", ["", "home/presence/1", "home/gossip/1-1", "Home/presence/1-1", "a/presence/1--1"])
def test_an_id_that_is_none(text: str) -> None:
    with pytest.raises(Invalid, match="parcel_id"):
        ParcelId.of(text)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b"\xff", "payload_not_json"),
        (b"[" * 100_000, "payload_not_json"),
        (b"[]", "envelope_invalid"),
        (b" " * (MOST_BYTES + 1), "payload_too_large"),
        (body(id=...), "envelope_invalid"),
        (body(id="other/presence/1-1"), "envelope_invalid"),
        (body(specversion="2.0"), "envelope_invalid"),
        (body(type="dev.hearthgate.presence.v2"), "envelope_version"),
        (body(type="dev.hearthgate.comfort.v1"), "summary_invalid"),
        (body(type="dev.hearthgate.gossip.v1"), "summary_invalid"),
        (body(data={"kind": "energy", "hour": HOUR, "room": "kitchen", "minutes": 3}), "summary_invalid"),
        (body(data=["presence"]), "summary_invalid"),
        (body(id="home/events/1-1"), "stream_wrong"),
        (body(time="noon"), "envelope_invalid"),
        (body(time="2027-01-15T08:00:00"), "envelope_invalid"),
        (body(time="0001-01-01T00:00:00+23:59"), "envelope_invalid"),
        (body(time="9999-12-31T23:59:59-23:59"), "envelope_invalid"),
        (
            body(data={"kind": "presence", "hour": HOUR, "room": "kitchen", "minutes": 3, "who": "Anna"}),
            "summary_invalid",
        ),
    ],
)
def test_what_is_no_summary_of_ours(raw: bytes, key: str) -> None:
    with pytest.raises(Invalid) as error:
        load(raw)
    assert error.value.key == key
    assert "Anna" not in str(error.value)
