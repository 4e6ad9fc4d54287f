"""The whole gateway as a process, with a hub at the other end of TLS."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.config.uplink import StreamPolicy
from gateway.flow.board import Counters
from gateway.flow.clock import SystemClock
from gateway.store.database import Database
from gateway.store.departures import Departures
from gateway.store.keyvalue import KeyValue
from gateway.store.outbox.outbox import Outbox
from gateway.types import Kind
from gateway.wire.summary import EventCount, Presence
from tests.integration.certificates import Authority
from tests.integration.corridor import Gateway, configure
from tests.integration.mosquitto import PASSWORD
from tests.integration.uplink_end import Hub, TlsMosquitto
from tests.unit.uplink.support import devices, until

pytestmark = pytest.mark.integration


def home(folder: Path, broker: TlsMosquitto, authority: Authority, **uplink: Any) -> Path:
    """A gateway without cameras."""
    given = {"host": "localhost", "port": broker.port, "tls": {"ca_file": str(authority.ca)}, "credential": "broker"}
    return configure(folder, cameras=[], uplink={**given, "batch_s": 0, **uplink})


def outbox(folder: Path) -> Outbox:
    (folder / "data").mkdir(exist_ok=True, mode=0o700)
    return Outbox(
        folder / "data" / "outbox.db",
        "test",
        lambda _stream: StreamPolicy(),
        clock=SystemClock(),
        believed=lambda wall: wall,
        report=lambda _state: None,
        counters=Counters(),
    )


async def test_what_waited_leaves_at_the_start_and_what_left_is_written_down(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "certificates")
    (tmp_path / "broker").mkdir()
    broker = TlsMosquitto(tmp_path / "broker", authority, authority.issue("server"))
    config = home(tmp_path, broker, authority)
    async with outbox(tmp_path) as box:
        put = await box.put(devices(20), SystemClock().now().wall)
    await asyncio.to_thread(broker.start)
    gateway = Gateway(config)
    try:
        async with Hub(broker.plain, "test").running() as hub:
            await asyncio.to_thread(gateway.start)
            await until(lambda: len(hub.taken) == 20, lambda: gateway.output)
            assert await asyncio.to_thread(gateway.stop) == 0
            await until(lambda: [hello.online for hello in hub.hellos] == [True, False])
            assert hub.hellos[0].epoch == box.epoch
    finally:
        broker.kill()
        gateway.__exit__(None, None, None)
    assert list(hub.taken) == list(put)
    async with outbox(tmp_path) as box:
        assert await box.next(1, 1) == ()
    async with Database(tmp_path / "data" / "hearthgate.db") as database:
        left = [one for one in await Departures(database).recent(1000) if "/s/" in one.topic]
    assert [one.body for one in reversed(left)] == hub.bodies, "the very bytes"
    assert PASSWORD not in gateway.output


async def test_an_hour_that_is_over_is_told(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "certificates")
    (tmp_path / "broker").mkdir()
    broker = TlsMosquitto(tmp_path / "broker", authority, authority.issue("server"))
    config = home(tmp_path, broker, authority)
    hour = int(SystemClock().now().wall.timestamp()) // 3600 * 3600 - 3600
    sums = {"event/motion.began/count": 3, "presence/hall/s": 600.0}
    saved = {"summaries": {"part": hour, "once": "a" * 32, "sums": sums}}
    (tmp_path / "data").mkdir(mode=0o700)
    async with Database(tmp_path / "data" / "hearthgate.db") as database:
        await KeyValue(database).set("uplink/summaries", json.dumps(saved))
    await asyncio.to_thread(broker.start)
    gateway = Gateway(config)
    try:
        async with Hub(broker.plain, "test").running() as hub:
            await asyncio.to_thread(gateway.start)
            await until(lambda: len(hub.taken) >= 3, lambda: gateway.output)
            assert await asyncio.to_thread(gateway.stop) == 0
    finally:
        broker.kill()
        gateway.__exit__(None, None, None)
    told = {one.data.kind: one.data for one in hub.taken.values()}
    assert told["event_count"] == EventCount(hour=hour, of=Kind.MOTION_BEGAN, count=3)
    assert told["presence"] == Presence(hour=hour, room="hall", minutes=10.0)
    assert told["gateway_health"].hour == hour


async def test_without_a_hub_in_reach_the_gateway_runs_and_stops_in_good_order(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "certificates")
    (tmp_path / "broker").mkdir()
    broker = TlsMosquitto(tmp_path / "broker", authority, authority.issue("server"))
    gateway = Gateway(home(tmp_path, broker, authority))
    try:
        await asyncio.to_thread(gateway.start)
        assert await asyncio.to_thread(gateway.stop) == 0
    finally:
        gateway.__exit__(None, None, None)
    assert (tmp_path / "data" / "outbox.db").exists()


async def test_a_gateway_without_a_hub_has_no_outbox(tmp_path: Path) -> None:
    gateway = Gateway(configure(tmp_path, cameras=[]))
    try:
        await asyncio.to_thread(gateway.start)
        assert await asyncio.to_thread(gateway.stop) == 0
    finally:
        gateway.__exit__(None, None, None)
    assert not (tmp_path / "data" / "outbox.db").exists()
