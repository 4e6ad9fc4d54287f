"""Two ways in which a hub is run, both with everything of it on this machine."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

from tests.integration.mosquitto import Mosquitto, free_port
from tests.integration.storm.gateway import GATEWAY
from tests.integration.storm.site import Site, secret
from tests.services.hub.postgresql import Cluster, cluster

_WORD = "storm-word"


class Door(Site):
    """A hub with a door of its own and SQLite."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        super().__init__(folder, port, f"door:\n  port: {port}\n")

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Door", None]:
        secret(self.folder / "word", await self.enrol())
        try:
            await self.start("hub")
            await self.start("gateway")
            yield self
        finally:
            await self.close()


class Workers(Site):
    """Two hubs behind one Mosquitto, on one PostgreSQL."""

    kinds: ClassVar[Mapping[str, Sequence[str]]] = {
        "gateway": ("gateway",),
        "broker": ("broker",),
        "hub": ("hub-1", "hub-2"),
        "database": ("database",),
    }
    in_turn = False

    def __init__(self, folder: Path, postgresql: Cluster) -> None:
        self._postgresql = postgresql
        self._broker = Mosquitto(folder, persistent=True)
        self._broker.users({GATEWAY: _WORD, "hub": _WORD})
        at = f"broker:\n  host: 127.0.0.1\n  port: {self._broker.port}\n  tls: off\n  credential: broker\n"
        super().__init__(folder, self._broker.port, f"database: {postgresql.dsn()}\n{at}")

    @property
    def database(self) -> str:
        return self._postgresql.dsn()

    async def start(self, name: str) -> None:
        servers = {"broker": self._broker.start, "database": self._postgresql.start}
        await (asyncio.to_thread(servers[name]) if name in servers else super().start(name))

    async def kill(self, name: str) -> None:
        servers = {"broker": self._broker.kill, "database": self._postgresql.kill}
        await (asyncio.to_thread(servers[name]) if name in servers else super().kill(name))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Workers", None]:
        secret(self.folder / "word", _WORD)
        secret(self.folder / "broker", f"hub:{_WORD}")
        await self.enrol()
        try:
            for name in ("broker", "hub-1", "hub-2", "gateway"):
                await self.start(name)
            yield self
        finally:
            await self.close()
            await self.kill("broker")


@asynccontextmanager
async def door(folder: Path) -> AsyncGenerator[Site, None]:
    async with Door(folder).running() as site:
        yield site


@asynccontextmanager
async def workers(folder: Path) -> AsyncGenerator[Site, None]:
    made = cluster()
    postgresql = await asyncio.to_thread(made.__enter__)
    try:
        async with Workers(folder, postgresql).running() as site:
            yield site
    finally:
        await asyncio.to_thread(made.__exit__, None, None, None)


SITES = {"door": door, "workers": workers}
