"""The page is told what really waits and what really left."""

from datetime import UTC, datetime
from pathlib import Path

from gateway.app.build.summaries import device_level
from gateway.app.leaving import Leaving
from gateway.app.uplink_view import UplinkView
from gateway.config.layers import Layers
from gateway.flow.board import Board, Counters
from gateway.store.database import Database
from gateway.store.departures import Departures
from gateway.store.outbox.outbox import Outbox
from gateway.testing.clock import FakeClock
from gateway.types import Level, State
from gateway.uplink.campaign.book import Book, confirmed, heard
from gateway.uplink.twin.twin import Twin
from gateway.wire.summary import Stream, UpdateState
from gateway.wire.uplink import Desired, ModelTarget, Offer, SettingsTarget
from tests.unit.uplink.support import devices, presence, settings

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def test_what_waits_and_what_left_is_what_the_page_shows(tmp_path: Path) -> None:
    clock, counters = FakeClock(), Counters()
    given = settings(streams={"presence": {"priority": 1}, "events": {"enabled": False}})
    outbox = Outbox(
        tmp_path / "outbox.db",
        "home",
        given.policy,
        clock=clock,
        believed=lambda wall: wall,
        report=lambda _state: None,
        counters=counters,
    )
    async with Database(tmp_path / "store.db") as database, outbox:
        departures = Departures(database)
        view = UplinkView(given, outbox, departures, spent=dict)
        leaving = Leaving(departures, clock=clock, counters=counters)
        await outbox.put([*devices(3), *presence(2)], NOW)
        parcels = await outbox.next(1, 1)
        leaving.note("gw/v1/home/s/presence", parcels[0].body)
        await leaving.flush()
        await leaving.flush()
        await outbox.settle({parcels[0].id}, {})
        await clock.advance(60)
        streams = {one.stream: one for one in await view.streams()}
        assert len(streams) == len(Stream)
        assert (streams[Stream.PRESENCE].rows, streams[Stream.PRESENCE].priority) == (1, 1)
        assert (streams[Stream.DEVICES].rows, streams[Stream.DEVICES].oldest_s) == (3, 60.0)
        assert not streams[Stream.EVENTS].enabled
        assert [one.id.seq for one in await view.waiting(Stream.DEVICES, 2, 1)] == [2, 3]
        (left,) = await view.left(10)
        assert (left.topic, left.body) == ("gw/v1/home/s/presence", parcels[0].body)
        totals = await view.totals()
        assert totals["gw/v1/home/s/presence"].bytes == len(parcels[0].body)
    assert (view.host, view.spent()) == ("localhost", {})


def test_a_cluster_is_named_by_its_brokers() -> None:
    given = settings(kafka={"brokers": ["one:9092", "two:9092"]})
    view = UplinkView(given, None, None, spent=dict)  # type: ignore[arg-type]  # neither is asked
    assert view.host == "one:9092, two:9092"


def test_what_the_hub_wants_is_told_as_it_stands(tmp_path: Path) -> None:
    model = ModelTarget(url="https://hub.example.org/a", sha256="a" * 64, model="porch", serial=3)
    book = heard(Book(), Offer(campaign=4, target=SettingsTarget(version=2, patch={})), "home")
    book = confirmed(book, tuple(book.words.values()))
    book = heard(book, Offer(campaign=6, target=model), "home")
    file = tmp_path / "gateway.yaml"
    file.write_text("{}")
    twin = Twin(file, Layers(), lambda _layers: None, lambda: None)
    twin.desire(Desired(version=2, patch={"web": {"host": "0.0.0.0"}}))
    view = UplinkView(settings(), None, None, spent=dict, book=lambda: book, twin=twin)  # type: ignore[arg-type]  # neither is asked
    assert [(one.campaign, one.what, one.name, one.version, one.heard) for one in view.offers()] == [
        (6, "model", "porch", "3", False),
        (4, "settings", "", "2", True),
    ]
    assert view.offers()[0].state is UpdateState.DOWNLOADING
    assert (view.wish().version, set(view.wish().rejected.values())) == (2, {"setting_local"})


def test_a_device_is_as_bad_as_the_worst_that_is_told_of_it() -> None:
    board = Board()
    assert device_level(board, "hall") is Level.OK
    for part, level in {
        "sensor/hall/temperature": Level.OK,
        "sensor/hall/humidity": Level.DEGRADED,
        "sensor/hall2/humidity": Level.DOWN,
        "device/hall": Level.STARTING,
    }.items():
        board.report(State(part=part, level=level, key="x"))
    assert device_level(board, "hall") is Level.DEGRADED
