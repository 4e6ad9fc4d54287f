"""The updater as a process of its own, with a real RAUC; only systemd, the page and the machine are played."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from dbus_fast import BusType
from dbus_fast.aio import MessageBus

from gateway.testing.conformance_updater import asked, check_updater
from gateway.wire.release import UpdateState
from gateway.wire.update import Machine, Slot
from services.updater import paths
from tests.services.updater.rauc_house import CONTENT, RaucHouse, missing
from tests.services.updater.systemd_bus import SystemdBus
from tests.services.updater.test_host import GOOD, page

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(missing()), reason=missing() or "nothing is missing"),
]
PATIENCE_S = 60.0


@dataclass
class Box:
    """A machine: `root` are its files, `page` what its daemon answers on."""

    root: Path
    rauc: RaucHouse
    systemd: SystemdBus
    page: str
    process: asyncio.subprocess.Process | None = None

    @property
    def socket(self) -> Path:
        return self.root / "run/hearthgate-updater/socket"

    def lay(self, path: Path, text: str) -> None:
        file = self.root / path.relative_to("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    async def boot(self, slot: Slot, version: str, boot: str) -> None:
        """Into a slot, whatever a boot loader would say."""
        image = {"board": "x86_64", "version": version, "built": "2026-01-01T00:00:00Z", "suite": "trixie"}
        self.lay(paths.IMAGE, json.dumps(image))
        self.lay(paths.COMMAND_LINE, f"root=PARTLABEL=root-{slot.value.lower()} rauc.slot={slot} ro\n")
        self.lay(paths.BOOT_ID, f"{boot}\n")
        await self.start()

    async def start(self) -> None:
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.rauc.address}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "services.updater", "run", "--root", self.root, "--page", self.page, "--stable", "2"),
            env=environment,
        )
        async with asyncio.timeout(PATIENCE_S):
            while not self.socket.exists():
                assert self.process.returncode is None
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def until(self, condition: Callable[[Machine], bool]) -> Machine:
        """With a daemon that says all is well."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                reply = await asked(self.socket, {"ask": "report", "version": "0.1.0"})
                if condition(reply.machine):
                    return reply.machine
                await asyncio.sleep(0.05)


@asynccontextmanager
async def box(folder: Path) -> AsyncGenerator[Box]:
    (folder / "rauc").mkdir()
    rauc, systemd = RaucHouse(folder / "rauc"), SystemdBus()
    async with page(GOOD) as url:
        box = Box(root=folder / "root", rauc=rauc, systemd=systemd, page=url)
        (box.root / "var/lib/hearthgate-updater").mkdir(parents=True)
        (box.root / "var/lib/hearthgate/updates").mkdir(parents=True)
        try:
            await asyncio.to_thread(_begin, rauc)
            bus = await MessageBus(bus_address=rauc.address, bus_type=BusType.SYSTEM).connect()
            bus.add_message_handler(systemd.answer)
            await bus.request_name("org.freedesktop.systemd1")
            yield box
            bus.disconnect()
        finally:
            await box.kill()
            await asyncio.to_thread(rauc.stop)


def _begin(rauc: RaucHouse) -> None:
    rauc.make()
    rauc.start_bus()
    rauc.start_rauc()


async def upload(box: Box) -> Path:
    made = await asyncio.to_thread(box.rauc.bundle, "new")
    return made.rename(box.root / "var/lib/hearthgate/updates/new.raucb")


INSTALL = {"ask": "install", "origin": "upload", "name": "new.raucb"}


async def test_it_keeps_the_promises_of_an_updater(tmp_path: Path) -> None:
    async with box(tmp_path) as machine:
        await machine.boot(Slot.A, "0.1.0", "one")
        await machine.until(lambda told: told.confirmed)
        await check_updater(machine.socket)


async def test_from_an_upload_to_a_confirmed_boot(tmp_path: Path) -> None:
    async with box(tmp_path) as machine:
        await machine.boot(Slot.A, "0.1.0", "one")
        told = await machine.until(lambda told: told.confirmed)
        assert (told.slot, told.state) == (Slot.A, UpdateState.IDLE)
        uploaded = await upload(machine)
        assert (await asked(machine.socket, INSTALL)).key is None
        told = await machine.until(lambda told: told.state is UpdateState.INSTALLED)
        assert (told.target, told.other) == ("0.2.0", "0.2.0")
        assert machine.rauc.slot("B") == CONTENT
        assert not uploaded.exists(), "it would lie there for ever"
        await asked(machine.socket, {"ask": "reboot"})
        await machine.until(lambda _: bool(machine.systemd.started))
        await machine.kill()

        await machine.boot(Slot.B, "0.2.0", "two")
        await machine.until(lambda told: told.state is UpdateState.TRYING)
        told = await machine.until(lambda told: told.state is UpdateState.CONFIRMED)
        assert (told.slot, told.version, told.confirmed) == (Slot.B, "0.2.0", True)
        assert [past.state for past in told.history] == [UpdateState.CONFIRMED]
        assert list((machine.root / "var/lib/hearthgate-updater/bundles").iterdir()) == []


async def test_killed_twice_it_still_gets_there(tmp_path: Path) -> None:
    async with box(tmp_path) as machine:
        await machine.boot(Slot.A, "0.1.0", "one")
        await upload(machine)
        assert (await asked(machine.socket, INSTALL)).key is None
        for pause_s in (0.02, 0.2):
            await asyncio.sleep(pause_s)
            await machine.kill()
            await machine.start()
        told = await machine.until(lambda told: told.state is not UpdateState.DOWNLOADING)
        assert (told.state, told.target, told.key) == (UpdateState.INSTALLED, "0.2.0", None)
        assert machine.rauc.slot("B") == CONTENT


async def test_a_system_that_does_not_get_well_is_sent_back(tmp_path: Path) -> None:
    async with box(tmp_path) as machine:
        await machine.boot(Slot.A, "0.1.0", "one")
        await upload(machine)
        await asked(machine.socket, INSTALL)
        await machine.until(lambda told: told.state is UpdateState.INSTALLED)
        await machine.kill()

        machine.page = "http://127.0.0.1:9/"
        await machine.boot(Slot.B, "0.2.0", "two")
        await machine.until(lambda _: bool(machine.systemd.started))
        assert machine.rauc.calls[-1].startswith("set-state"), "RAUC runs as if in A; what counts is that it was told"
        await machine.kill()

        await machine.boot(Slot.A, "0.1.0", "three")
        told = await machine.until(lambda told: told.slot is Slot.A)
        # This machine has long been up, so the first look is at the deadline, and may come before the first report.
        reasons = {told.key, *(told.detail.split(", ") if told.detail else ())}
        assert told.state is UpdateState.ROLLED_BACK
        assert {"page_silent"} <= reasons <= {"page_silent", "no_report"}
