"""Gateway and hub, both as they are: what the one lets go of, the other has on its disk."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.config.secrets import Secret
from gateway.flow.board import Counters
from gateway.flow.clock import SystemClock
from gateway.testing.outbox import MemoryOutbox
from gateway.types import Level
from gateway.uplink.transports.mqtt import MqttTransport
from gateway.wire.uplink import WIRE, Hello
from tests.integration.mosquitto import free_port
from tests.services.hub.app.processes import enrol, running_hub
from tests.unit.uplink.support import Bench, devices, settings, until

pytestmark = pytest.mark.integration

READY = b"door open"


class House:
    """A hub with a door of its own, and gateways of one id."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.config = folder / "hub.yaml"
        self.config.write_text(f"data_dir: data\ndoor:\n  port: {self.port}\n")
        self.token = ""

    @asynccontextmanager
    async def gateway(
        self, instance: str = "a", epoch: int = 1, *, wire: int = WIRE, box: MemoryOutbox | None = None
    ) -> AsyncGenerator[Bench, None]:
        """`box` is what waits at home; left out, nothing does."""
        changes = {"port": self.port, "tls": "off", "batch_s": 0, "stalled_s": 2.0}
        transport = MqttTransport(
            settings=settings(**changes),
            gateway="home",
            hello=lambda: Hello(online=True, instance=instance * 32, epoch=bench.box.epoch, version="1.0.0", wire=wire),
            login=lambda: Secret(user="home", password=self.token),
            clock=SystemClock(),
            counters=Counters(),
        )
        bench = Bench(transport, SystemClock(), **changes)
        if box is not None:
            bench.box = bench.drain._box = box
        bench.box.epoch = epoch
        transport.on_notice(bench.drain.noticed)
        async with bench.running():
            yield bench

    def rows(self) -> list[int]:
        """Numbers on the hub's disk, epoch by epoch."""
        with sqlite3.connect(self.config.parent / "data" / "hub.db") as db:
            found = [seq for (seq,) in db.execute("SELECT seq FROM summaries ORDER BY epoch, seq")]
        db.close()
        return found


@pytest.fixture
async def house(tmp_path: Path) -> House:
    made = House(tmp_path)
    made.token = await enrol(made.config, "home")
    return made


async def test_everything_arrives_once_though_the_hub_is_killed_meanwhile(house: House) -> None:
    async with house.gateway() as bench:
        for round_ in range(4):
            async with running_hub(house.config, READY) as hub:
                await bench.box.put(devices(200, start=200 * round_), None)
                await until(lambda: len(bench.box.kept) > 200 * round_, lambda: bench.keys)  # noqa: B023
                hub.kill()
            assert {id_.seq for id_ in bench.box.kept} <= set(house.rows()), "what was let go of is there"
        async with running_hub(house.config, READY):
            await until(lambda: not len(bench.box), lambda: bench.keys)
    assert sorted(house.rows()) == list(range(1, 801))


async def test_a_second_gateway_under_the_id_waits_and_both_say_so(house: House) -> None:
    async with running_hub(house.config, READY), house.gateway("a", 1) as first:
        await first.box.put(devices(3), None)
        await until(lambda: len(first.box.kept) == 3, lambda: first.keys)
        async with house.gateway("b", 2) as second:
            await second.box.put(devices(3), None)
            await until(lambda: second.state.level is Level.DOWN, lambda: second.keys)
            assert second.state.key == "uplink_duplicate"
            assert len(second.box) == 3, "nothing of it is lost"
            await until(lambda: first.state.key == "uplink_duplicate", lambda: first.keys)
            assert first.state.level is Level.DEGRADED
            await first.box.put(devices(2), None)
            await until(lambda: len(first.box.kept) == 5)


async def test_an_outbox_begun_anew_is_announced_before_it_is_sent(house: House) -> None:
    async with running_hub(house.config, READY):
        async with house.gateway() as bench:
            for epoch in (1, 2):
                bench.box.epoch = epoch
                await bench.box.put(devices(2), None)
                await until(lambda: not len(bench.box), lambda: bench.keys)
        assert bench.keys == ["connecting", "running", "closed"], "over one connection"
    assert house.rows() == [1, 2, 3, 4]


async def test_a_gateway_the_hub_does_not_know_is_refused(house: House) -> None:
    house.token = "guessed"
    async with running_hub(house.config, READY), house.gateway() as bench:
        await until(lambda: bench.state.key == "uplink_refused", lambda: bench.keys)
    assert bench.board.all()["uplink"].key in {"closed", "uplink_refused"}


async def test_a_hub_that_is_one_version_newer_serves_its_gateway(house: House) -> None:
    async with running_hub(house.config, READY), house.gateway(wire=WIRE - 1) as bench:
        await bench.box.put(devices(3), None)
        await until(lambda: len(bench.box.kept) == 3, lambda: bench.keys)
    assert house.rows() == [1, 2, 3]


async def test_what_is_made_for_a_hub_one_version_newer_waits_for_it(house: House) -> None:
    async with running_hub(house.config, READY):
        async with house.gateway(wire=WIRE + 1) as early:
            await early.box.put(devices(3), None)
            await until(lambda: early.state.key == "uplink_version", lambda: early.keys)
            assert early.state.level is Level.DOWN
            assert len(early.box) == 3
        assert house.rows() == []
        async with house.gateway(box=early.box) as bench:
            await until(lambda: not len(early.box), lambda: bench.keys)
    assert house.rows() == [1, 2, 3]
