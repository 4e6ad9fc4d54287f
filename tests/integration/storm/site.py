"""What can be killed: a gateway and its hub, as processes that a service manager would start again."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from services.hub.app.enrolling import enrol
from services.hub.store.hub import HubStore, database_at
from tests.integration.storm.gateway import GATEWAY, Made
from tests.services.hub.app.processes import ROOT
from tests.unit.uplink.support import until

SETTLE_S = 600.0
_COULD_NOT = 1
"""Exit status of a hub that starts while its database is away."""


class Site:
    """`kinds` are the victims, each with those it is drawn from. `database` is where the hub keeps its rows. With
    `in_turn` what was made first also arrives first: one hub takes everything."""

    kinds: ClassVar[Mapping[str, Sequence[str]]] = {"gateway": ("gateway",), "hub": ("hub",)}
    in_turn = True

    def __init__(self, folder: Path, port: int, config: str) -> None:
        self.folder = folder
        self.made = Made(folder)
        self._port = port
        self._config = folder / "hub.yaml"
        self._config.write_text(f"data_dir: data\nsecrets_dir: {folder}\nupkeep_s: 10\n{config}")
        self._processes: dict[str, asyncio.subprocess.Process] = {}

    @property
    def database(self) -> str:
        return str(self.folder / "data" / "hub.db")

    async def enrol(self) -> str:
        """The gateway's token."""
        async with HubStore(database_at(self.database)) as store:
            return await enrol(store, GATEWAY, datetime.now(UTC))

    async def start(self, name: str) -> None:
        gateway = ["tests.integration.storm.gateway", str(self.folder), str(self._port)]
        arguments = gateway if name == "gateway" else ["services.hub", "run", "--config", str(self._config)]
        with self._out(name).open("ab") as out:
            self._processes[name] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *arguments, cwd=ROOT, stdout=out, stderr=out
            )

    async def kill(self, name: str) -> None:
        await self._end(name, signal.SIGKILL)

    async def revive(self) -> None:
        """As a service manager does with what could not start."""
        for name, process in list(self._processes.items()):
            if process.returncode is not None:
                assert process.returncode == _COULD_NOT, self.said(name)
                await self.start(name)

    async def settle(self) -> None:
        """The gateway puts no more, and ends once all of it has arrived; so do the hubs."""
        before = self.made.read()
        await until(lambda: self.made.read() != before, lambda: self.said("gateway"))
        await self._end("gateway", signal.SIGTERM)
        for name in list(self._processes):
            await self._end(name, signal.SIGTERM)

    async def close(self) -> None:
        for name in list(self._processes):
            await self.kill(name)

    def said(self, name: str) -> str:
        """The end of what its processes printed."""
        return self._out(name).read_text(errors="replace")[-4000:] if self._out(name).exists() else ""

    def bugs(self) -> list[str]:
        """Of those that printed a traceback, what they said."""
        names = [name for names in self.kinds.values() for name in names]
        return [name + ": " + self.said(name) for name in names if "Traceback" in self.said(name)]

    async def _end(self, name: str, number: signal.Signals) -> None:
        process = self._processes.pop(name)
        if process.returncode is None:
            os.kill(process.pid, number)  # Popen's own would reap a killed one behind asyncio's back
        try:
            async with asyncio.timeout(SETTLE_S):
                code = await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise AssertionError(f"{name} does not end: {self.said(name)}") from None
        assert code in {0, _COULD_NOT, -number}, self.said(name)

    def _out(self, name: str) -> Path:
        return self.folder / f"{name}.out"


def secret(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)
