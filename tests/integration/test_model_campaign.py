"""Gateway and hub as processes: a signed model comes over HTTPS, proves itself and is confirmed; a bad one is not."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from tests.services.hub.app.processes import enrol, hub, running_hub

from .certificates import Authority
from .corridor import Gateway
from .models_home import MODEL, QUICK_PLAN, ModelsHome
from .mosquitto import Mosquitto, free_port

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

PATIENCE_S = 150.0
GATES: dict[str, Any] = dict(cast("dict[str, Any]", QUICK_PLAN["gates"]))


async def until(condition: Callable[[], object], told: Callable[[], object]) -> None:
    """Looked at a few times a second."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - a row of another process tells nobody of its changes
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"it never held: {told()}") from None


class Wire:
    """What lies between homes and the hub's pages: its first connection breaks off after so many bytes. `sent` has what
    each connection brought to the home."""

    def __init__(self, port: int, breaks_after: int) -> None:
        self._port = port
        self._most = breaks_after
        self.sent: list[int] = []

    @asynccontextmanager
    async def open(self, port: int) -> AsyncGenerator[None]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        async with server:
            yield

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, most = len(self.sent), self._most if not self.sent else 1 << 30
        self.sent.append(0)
        hub_reader, hub_writer = await asyncio.open_connection("127.0.0.1", self._port)
        asking = asyncio.create_task(_copy(reader, hub_writer), name="asking")
        while self.sent[number] < most and (chunk := await hub_reader.read(4096)):
            writer.write(chunk)
            await writer.drain()
            self.sent[number] += len(chunk)
        asking.cancel()
        for end in (writer, hub_writer):
            end.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(4096):
        writer.write(chunk)
        await writer.drain()


class Hub:
    """Door and pages over TLS, with certificates of an authority of its own."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        folder.mkdir()
        self.door, self.web, self.wire = free_port(), free_port(), free_port()
        self.database = folder / "data" / "hub.db"
        self.config, self._plan = folder / "hub.yaml", folder / "plan.json"
        files = authority.issue("hub")
        tls = {"cert_file": str(files.cert), "key_file": str(files.key)}
        web = {"port": self.web, "tls": tls, "url": f"https://localhost:{self.wire}"}
        settings = {"data_dir": "data", "door": {"port": self.door, "tls": tls}, "web": web}
        self.config.write_text(json.dumps(settings))

    async def say(self, *arguments: str) -> str:
        return await asyncio.to_thread(hub, *arguments, "--config", str(self.config))

    async def bring(self, bundle: Path, **plan: Any) -> str:
        """The campaign's number."""
        await self.say("models", "add", str(bundle))
        self._plan.write_text(json.dumps(plan))
        said = await self.say("campaign", "begin", str(self._plan), "--model", MODEL, "--channel", "dev")
        return said.removeprefix("campaign ")

    def standing(self, number: str) -> tuple[str, str | None]:
        """Of the home, and why."""
        with sqlite3.connect(self.database) as db:
            found = db.execute("SELECT state, key FROM campaign_homes WHERE campaign = ?", (number,)).fetchall()
        db.close()
        return found[0] if found else ("", None)

    async def reaches(self, number: str, state: str, key: str | None, gateway: Gateway) -> None:
        there = (state, key)
        await until(
            lambda: self.standing(number) == there,
            lambda: (self.standing(number), gateway.output[-4000:]),
        )


@dataclass(frozen=True, kw_only=True)
class Site:
    """A hub, and a home that takes its models."""

    hub: Hub
    home: ModelsHome
    wire: int
    """Where the home fetches: it leads to the pages, see `Wire`."""

    def bundle(self, name: str, serial: int, **plan: Any) -> Path:
        """Signed, to be rolled out as `plan` says."""
        publisher = self.home.publisher
        (publisher.folder / "plan.json").write_text(json.dumps({**QUICK_PLAN, **plan}))
        return publisher.bundle(name, publisher.release(serial))


@pytest.fixture
async def site(tmp_path: Path, broker: Mosquitto) -> Site:
    authority = Authority(tmp_path / "authority")
    made = Hub(tmp_path / "hub", authority)
    token = await enrol(made.config, "test")
    tls = {"ca_file": str(authority.ca)}
    uplink = {"host": "localhost", "port": made.door, "tls": tls, "credential": "hub", "batch_s": 0}
    home = ModelsHome(tmp_path, broker, uplink=uplink)
    secret = home.folder / "secrets" / "hub"
    secret.touch(mode=0o600)
    secret.write_text(f"test:{token}")
    return Site(hub=made, home=home, wire=made.wire)


async def test_a_model_is_confirmed_and_taken_back_and_a_bad_one_ends_its_campaign(site: Site) -> None:
    good = await asyncio.to_thread(site.bundle, "two", 2)
    wire = Wire(site.hub.web, breaks_after=good.stat().st_size // 2)
    gateway = site.home.gateway()
    async with wire.open(site.wire), running_hub(site.hub.config, b"door open"):
        try:
            await asyncio.to_thread(gateway.start)
            first = await site.hub.bring(good)
            await site.hub.reaches(first, "confirmed", None, gateway)
            assert site.home.slots()["active"] is not None
            assert len(wire.sent) == 2, "it went on where it broke off"
            assert wire.sent[1] < good.stat().st_size * 0.7
            await site.hub.say("campaign", "stop", first, "--recall")
            await site.hub.reaches(first, "recalled", None, gateway)
            assert site.home.slots()["active"] is None
            await bad_one(site, gateway)
            assert await asyncio.to_thread(gateway.stop) == 0
        finally:
            gateway.__exit__(None, None, None)


async def bad_one(site: Site, gateway: Gateway) -> None:
    """No model answers a thousand times as fast as the one before it."""
    gates = {**GATES, "latency_ratio": 0.001}
    number = await site.hub.bring(await asyncio.to_thread(site.bundle, "three", 3, gates=gates), stop_least=1)
    await site.hub.reaches(number, "failed", "model_refused", gateway)
    await until(lambda: stopped(site.hub, number) == "failures", lambda: stopped(site.hub, number))
    assert site.home.slots()["active"] is None


async def test_a_model_that_goes_bad_after_its_promotion_counts_as_gone_wrong(site: Site) -> None:
    """It serves, and is watched, when its home becomes too hot for more than a minute, and goes back by itself."""
    gates = {**GATES, "temperature_c": 60.0}
    bundle = await asyncio.to_thread(site.bundle, "two", 2, watch_hours=24.0, gates=gates)
    gateway = site.home.gateway()
    async with Wire(site.hub.web, breaks_after=1 << 30).open(site.wire), running_hub(site.hub.config, b"door open"):
        try:
            await asyncio.to_thread(gateway.start)
            number = await site.hub.bring(bundle, stop_least=1)
            await until(lambda: site.home.slots().get("active"), lambda: gateway.output[-4000:])
            assert (site.hub.standing(number), stopped(site.hub, number)) == (("begun", None), "")
            site.home.heat(80.0)
            await site.hub.reaches(number, "rolled_back", "model_refused", gateway)
            await until(lambda: stopped(site.hub, number) == "failures", lambda: stopped(site.hub, number))
            assert site.home.slots()["active"] is None
            assert await asyncio.to_thread(gateway.stop) == 0
        finally:
            gateway.__exit__(None, None, None)


def stopped(hub_: Hub, number: str) -> str:
    """Why the campaign was."""
    with sqlite3.connect(hub_.database) as db:
        ((why,),) = db.execute("SELECT why FROM campaigns WHERE campaign = ?", (number,))
    db.close()
    return str(why)
