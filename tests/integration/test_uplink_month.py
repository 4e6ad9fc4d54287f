"""A month without a hub, in a few seconds: the real outbox, drain and connection, and at last the real hub."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from gateway.config.secrets import Secret
from gateway.flow.board import Counters
from gateway.store.outbox.outbox import Outbox
from gateway.testing.clock import FakeClock
from gateway.uplink.drain.drain import Drain
from gateway.uplink.transports.mqtt import MqttTransport
from gateway.wire.summary import HOUR_S, Stream
from gateway.wire.uplink import Hello
from services.hub.store.hub import HubStore, database_at
from services.hub.store.words import Row
from tests.integration.mosquitto import free_port
from tests.services.hub.app.processes import enrol, running_hub
from tests.unit.store.outbox.month import DISK_BYTES, HOURS, ORDER, POLICY, hour, is_what_may_be_left
from tests.unit.store.outbox.words import outbox, wall
from tests.unit.uplink.support import settings, until

LIVES = 3
JOURNAL_BYTES = 5_000_000

pytestmark = pytest.mark.integration


class Home:
    """A gateway that is started now and then; `told` is what it said of its uplink."""

    def __init__(self, folder: Path, port: int, token: str) -> None:
        self.clock = FakeClock()
        self.told: list[str] = []
        self._folder = folder
        self._port = port
        self._token = token

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Outbox, None]:
        given = settings(port=self._port, tls="off")
        async with outbox(self._folder, POLICY, clock=self.clock) as box:
            transport = MqttTransport(
                settings=given,
                gateway="home",
                hello=lambda: Hello(online=True, instance="a" * 32, epoch=box.epoch, version="1.0.0"),
                login=lambda: Secret(user="home", password=self._token),
                clock=self.clock,
                counters=Counters(),
            )
            drain = Drain(
                box=box,
                transport=transport,
                settings=given,
                clock=self.clock,
                report=lambda state: self.told.append(state.key),
                counters=Counters(),
            )
            running = asyncio.create_task(drain.run())
            try:
                yield box
            finally:
                drain.end()
                await running

    def sizes(self) -> tuple[int, int]:
        """Of the file and of its journal, in bytes."""
        journal = self._folder / "outbox.db-wal"
        return (self._folder / "outbox.db").stat().st_size, journal.stat().st_size if journal.exists() else 0


async def rows_of(data: Path) -> dict[Stream, Sequence[Row]]:
    """By stream, in the order of their numbers."""
    ever = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    async with HubStore(database_at(data / "hub.db")) as store:
        found = {one: await store.rows("home", one, since=ever[0], until=ever[1], limit=10**6) for one in ORDER}
    return {stream: sorted(rows, key=lambda row: row.id) for stream, rows in found.items()}


async def test_a_month_offline_is_bounded_and_arrives_in_order(tmp_path: Path) -> None:
    config, port = tmp_path / "hub.yaml", free_port()
    config.write_text(f"data_dir: data\ndoor:\n  port: {port}\n")
    home = Home(tmp_path, port, await enrol(config, "home"))
    sizes: list[tuple[int, int]] = []
    for life in range(LIVES):
        async with home.running() as box:
            for number in range(life * HOURS // LIVES, (life + 1) * HOURS // LIVES):
                await home.clock.advance(HOUR_S)
                await box.put(hour(number), wall(home.clock))
                await box.drops()
                sizes.append(home.sizes())
    assert max(file for file, _ in sizes) <= DISK_BYTES
    assert max(journal for _, journal in sizes) <= JOURNAL_BYTES
    assert home.told.count("uplink_unreachable") >= 100, "it never gave up"
    async with running_hub(config, b"door open"), home.running() as box:
        await until(lambda: home.told[-1] == "running", lambda: home.told[-3:])
        while await box.next(1, 1) or await box.drops():  # noqa: ASYNC110 - nobody tells that an outbox has become empty
            await asyncio.sleep(0.01)
    rows = await rows_of(tmp_path / "data")
    is_what_may_be_left([row.data for stream in ORDER for row in rows[stream]])
    for first, later in pairwise(ORDER[1:]):
        assert rows[first][-1].taken <= rows[later][0].taken, "the most important came first"
    for one in rows.values():
        assert [row.id.seq for row in one] == list(range(one[0].id.seq, one[0].id.seq + len(one)))
        assert [row.taken for row in one] == sorted(row.taken for row in one)
    assert home.sizes()[0] <= 100 * 4096
