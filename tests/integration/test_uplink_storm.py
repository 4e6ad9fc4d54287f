"""kill -9 of gateway, broker and hub at random instants: what was promised is at the hub, once, and in order.

`HEARTHGATE_KILLS=300` for more than the usual few; what each kill was is printed.
"""

import asyncio
import json
import os
import random
import sqlite3
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.wire.envelope import ParcelId
from tests.integration.mosquitto import Mosquitto
from tests.integration.uplink_worker import GATEWAY
from tests.services.hub.app.processes import ROOT, enrol
from tests.unit.uplink.support import until

KILLS = int(os.environ.get("HEARTHGATE_KILLS", "9"))
VICTIMS = ("gateway", "broker", "hub")
WORD = "storm-word"
ALIVE_S = 1.5
"""At most, between two kills."""
SETTLE_S = 60.0

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120 + 10 * KILLS)]


class Site:
    """The three processes; `start` and `kill` them by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "hub.yaml"
        self.broker = Mosquitto(folder)
        self.broker.users({GATEWAY: WORD, "hub": WORD})
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._secret("broker", f"hub:{WORD}")
        self._secret("word", WORD)
        told = f"broker:\n  host: 127.0.0.1\n  port: {self.broker.port}\n  tls: off\n  credential: broker\n"
        self.config.write_text(f"data_dir: data\nsecrets_dir: {folder}\n{told}")

    async def start(self, name: str) -> None:
        if name == "broker":
            await asyncio.to_thread(self.broker.start)
            return
        gateway = ["tests.integration.uplink_worker", str(self.folder), str(self.broker.port)]
        arguments = gateway if name == "gateway" else ["services.hub", "run", "--config", str(self.config)]
        with (self.folder / f"{name}.out").open("ab") as out:
            self._processes[name] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *arguments, cwd=ROOT, stdout=out, stderr=out
            )

    async def kill(self, name: str) -> None:
        if name == "broker":
            await asyncio.to_thread(self.broker.kill)
            return
        process = self._processes[name]
        assert process.returncode is None, (self.folder / f"{name}.out").read_text()[-2000:]
        process.kill()
        await process.wait()

    async def settle(self) -> None:
        """The gateway puts no more, and ends once all of it has arrived."""
        process, put = self._processes["gateway"], self.folder / "put.log"
        before = put.stat().st_size
        await until(lambda: put.stat().st_size > before)
        process.terminate()
        async with asyncio.timeout(SETTLE_S):
            assert await process.wait() == 0

    async def close(self) -> None:
        for name, process in self._processes.items():
            if process.returncode is None:
                await self.kill(name)
        await self.kill("broker")

    def promised(self) -> set[str]:
        text = (self.folder / "put.log").read_text()
        return {str(ParcelId.of(line)) for line in text.splitlines()}

    def arrived(self) -> list[tuple[str, str, int]]:
        """Id, data and time of arrival, by stream and number."""
        with sqlite3.connect(self.folder / "data" / "hub.db") as db:
            query = "SELECT gateway, stream, epoch, seq, data, taken_ms FROM summaries ORDER BY stream, epoch, seq"
            found = [(f"{g}/{s}/{e}-{n}", data, at) for g, s, e, n, data, at in db.execute(query)]
        db.close()
        return found

    def _secret(self, name: str, text: str) -> None:
        (self.folder / name).touch(mode=0o600)
        (self.folder / name).write_text(text)


@asynccontextmanager
async def running(folder: Path) -> AsyncGenerator[Site, None]:
    site = Site(folder)
    await enrol(site.config, GATEWAY)
    try:
        for name in ("broker", "hub", "gateway"):
            await site.start(name)
        yield site
    finally:
        await site.close()


async def test_nothing_promised_is_lost_or_counted_twice(tmp_path: Path) -> None:
    dice = random.Random(5)
    async with running(tmp_path) as site:
        for number in range(KILLS):
            victim = VICTIMS[number % 3]
            await asyncio.sleep(dice.uniform(0, ALIVE_S))  # the instant is what is tested
            await site.kill(victim)
            print(f"kill {number + 1} of {KILLS}: {victim}", flush=True)  # noqa: T201
            await site.start(victim)
        await site.settle()
    arrived = site.arrived()
    ids = [id_ for id_, _, _ in arrived]
    assert site.promised() <= set(ids), f"lost: {sorted(site.promised() - set(ids))[:5]}"
    assert len(ids) == len(set(ids)) > KILLS
    assert len({json.dumps(json.loads(data), sort_keys=True) for _, data, _ in arrived}) == len(ids), "once each"
    for stream in ("devices", "energy", "events"):
        times = [at for id_, _, at in arrived if f"/{stream}/" in id_]
        assert times == sorted(times), f"{stream} is in order"
