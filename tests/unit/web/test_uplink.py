"""Every byte that left and every byte that waits can be read, by whoever is signed in; so can who decided what."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.config.layers import Layers, Origin
from gateway.seams import Parcel
from gateway.store.departures import Departed, Departure
from gateway.testing.clock import FakeClock
from gateway.uplink.twin.twin import Twin
from gateway.web.parts import OfferView, Setting, StreamView, WishView
from gateway.wire.envelope import ParcelId
from gateway.wire.summary import Stream, UpdateState
from tests.unit.web.conftest import house

BODY = b'{"id":"home/events/1-1"}'


class FakeUplink:
    host = "hub.example"

    async def streams(self) -> Sequence[StreamView]:
        return [
            StreamView(stream=Stream.EVENTS, enabled=True, priority=5, rows=2, bytes=40, oldest_s=12.4),
            StreamView(stream=Stream.PRESENCE, enabled=False, priority=6),
            StreamView(stream=Stream.DROPS, enabled=True, priority=0),
        ]

    async def waiting(self, stream: Stream, limit: int, after: int = 0) -> Sequence[Parcel]:
        ids = [ParcelId(gateway="home", stream=stream, epoch=1, seq=seq) for seq in (1, 2, 3)]
        return [Parcel(id=one, body=BODY) for one in ids if one.seq > after][:limit]

    async def left(self, limit: int, before: int | None = None) -> Sequence[Departure]:
        time = datetime(2027, 1, 15, 12, tzinfo=UTC)
        left = [Departure(id=number, time=time, topic="gw/v1/home/s/events", body=BODY) for number in (3, 2, 1)]
        return [one for one in left if before is None or one.id < before][:limit]

    async def totals(self) -> Mapping[str, Departed]:
        return {"gw/v1/home/s/events": Departed(count=3, bytes=72)}

    def spent(self) -> Mapping[str, float]:
        return {"2027-01-15": 0.5}

    def offers(self) -> Sequence[OfferView]:
        tried = OfferView(campaign=7, what="model", name="porch", version="3", back=False, state=UpdateState.TRYING)
        ended = replace(tried, campaign=5, what="image", name="", version="1.3.0", back=True, heard=False)
        return [tried, replace(ended, state=UpdateState.FAILED, key="image_unsupported")]

    def wish(self) -> WishView:
        return WishView(version=4, rejected={"climate.away_c": "setting_invalid"})


class Choices:
    """A real twin, as the gateway puts it before the page."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "gateway.yaml"
        self.file.write_text("climate: {pause_s: 1200}\n")
        self.twin = Twin(self.file, Layers(hub={"logging": {"level": "debug"}}), lambda _layers: None, lambda: None)
        self.set, self.release = self.twin.set, self.twin.release

    def settings(self) -> Sequence[Setting]:
        values = self.twin.values()
        return [Setting(path=path, value=values[path], origin=origin) for path, origin in self.twin.origins().items()]


async def test_streams_come_in_the_order_they_leave(clock: FakeClock) -> None:
    async with house(clock, uplink=FakeUplink()) as page:
        told = await (await page.get("/api/v1/uplink")).json()
        me = await (await page.get("/api/v1/session")).json()
    assert [one["stream"] for one in told["streams"]] == ["drops", "events", "presence"]
    assert told["streams"][1] == {
        "stream": "events", "enabled": True, "priority": 5, "rows": 2, "bytes": 40, "oldest_s": 12,
    }  # fmt: skip
    assert (told["host"], told["spent"]) == ("hub.example", {"2027-01-15": 0.5})
    assert told["totals"] == {"gw/v1/home/s/events": {"count": 3, "bytes": 72}}
    assert me["parts"]["uplink"] is True


async def test_what_left_is_told_to_the_byte_and_page_by_page(clock: FakeClock) -> None:
    async with house(clock, uplink=FakeUplink()) as page:
        first = (await (await page.get("/api/v1/uplink/left?limit=2")).json())["left"]
        rest = (await (await page.get(f"/api/v1/uplink/left?limit=2&before={first[-1]['id']}")).json())["left"]
    assert [one["id"] for one in (*first, *rest)] == [3, 2, 1]
    assert (first[0]["body"].encode(), first[0]["bytes"]) == (BODY, len(BODY))
    assert first[0]["time"] == "2027-01-15T12:00:00Z"


async def test_what_waits_is_told_as_it_will_leave(clock: FakeClock) -> None:
    async with house(clock, uplink=FakeUplink()) as page:
        told = (await (await page.get("/api/v1/uplink/waiting/events?limit=1&after=1")).json())["waiting"]
    assert told == [{"seq": 2, "id": "home/events/1-2", "bytes": len(BODY), "body": BODY.decode()}]


async def test_what_the_hub_wants_is_told_with_what_became_of_it(clock: FakeClock) -> None:
    async with house(clock, uplink=FakeUplink()) as page:
        told = await (await page.get("/api/v1/uplink/offers")).json()
    assert told["offers"] == [
        {"campaign": 7, "what": "model", "name": "porch", "version": "3", "back": False, "state": "trying",
         "key": None, "heard": True},
        {"campaign": 5, "what": "image", "name": "", "version": "1.3.0", "back": True, "state": "failed",
         "key": "image_unsupported", "heard": False},
    ]  # fmt: skip
    assert told["wish"] == {"version": 4, "rejected": {"climate.away_c": "setting_invalid"}}


@pytest.mark.parametrize(
    ("path", "status", "key"),
    [
        ("/uplink/waiting/gossip", 404, "stream_unknown"),
        ("/uplink/waiting/events?after=-1", 400, "number_invalid"),
        ("/uplink/left?before=x", 400, "number_invalid"),
        ("/uplink/left?before=%D9%A3", 400, "number_invalid"),
        ("/uplink/left?limit=0", 400, "limit_invalid"),
    ],
)
async def test_what_cannot_be_asked(clock: FakeClock, path: str, status: int, key: str) -> None:
    async with house(clock, uplink=FakeUplink()) as page:
        answer = await page.get(f"/api/v1{path}")
        assert (answer.status, (await answer.json())["key"]) == (status, key)


@pytest.mark.parametrize("path", ["/uplink", "/uplink/offers", "/uplink/left", "/uplink/waiting/events", "/settings"])
async def test_a_stranger_reads_none_of_it_and_without_a_hub_there_is_none(clock: FakeClock, path: str) -> None:
    async with house(clock, claimed=False, uplink=FakeUplink()) as page:
        assert (await page.get(f"/api/v1{path}")).status == 401
    async with house(clock) as page:
        assert (await page.get(f"/api/v1{path}")).status == 404


async def test_who_decided_what_and_how_it_is_changed(clock: FakeClock, tmp_path: Path) -> None:
    choices = Choices(tmp_path)

    async def listed() -> dict[str, tuple[Any, str]]:
        told = await (await page.get("/api/v1/settings")).json()
        return {one["path"]: (one["value"], one["origin"]) for one in told["settings"]}

    async with house(clock, choices=choices) as page:
        assert await listed() == {"climate.pause_s": (1200, "file"), "logging.level": ("debug", "hub")}
        answer = await page.post("/api/v1/settings", json={"patch": {"logging": {"level": "error"}}})
        assert answer.status == 204
        assert (await listed())["logging.level"] == ("error", "local")
        assert (await page.send("DELETE", "/api/v1/settings/logging.level")).status == 204
        assert (await listed())["logging.level"] == ("debug", "hub")
        assert (await page.send("DELETE", "/api/v1/settings/logging.level")).status == 400


async def test_what_cannot_be_set_is_told_by_its_place_and_changes_nothing(clock: FakeClock, tmp_path: Path) -> None:
    choices = Choices(tmp_path)
    async with house(clock, choices=choices) as page:
        answer = await page.post("/api/v1/settings", json={"patch": {"logging": {"level": "canary"}}})
        told = await answer.json()
    assert (answer.status, told["key"]) == (400, "settings_wrong")
    assert "logging.level" in told["message"]
    assert "canary" not in told["message"]
    assert choices.twin.origins()["logging.level"] is Origin.HUB
