"""What a person does not want any more stops, and makes room for what he wants instead."""

import asyncio
import hashlib
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.wire.release import UpdateState
from gateway.wire.update import GoBack, Install, Origin, Step
from services.updater.answers import Desk
from services.updater.engine import Engine
from services.updater.parts import Intake
from services.updater.sources.intake import BundleIntake
from services.updater.sources.sticks import Sticks
from tests.services.updater.house import FakeClock, Grub, House, parts_of
from tests.services.updater.sources.web import Web, serving

DATA = b"bundle" * 100_000
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def intake(tmp_path: Path) -> Generator[BundleIntake]:
    for folder in ("fat", "inbox", "sticks/sda1"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "sticks/sda1/new.raucb").write_bytes(DATA)
    sticks = Sticks(tmp_path / "fat", tmp_path / "sticks")
    with closing(BundleIntake(tmp_path / "bundles", tmp_path / "inbox", sticks)) as intake:
        yield intake


class EndlessNight(FakeClock):
    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


@asynccontextmanager
async def updating(folder: Path, intake: Intake) -> AsyncGenerator[tuple[Desk, Engine]]:
    house = House(loader=Grub(), brought=True)
    parts = replace(parts_of(house), intake=intake, clock=EndlessNight(house))
    engine = Engine(parts)
    await engine.start()
    running = asyncio.create_task(engine.run())
    try:
        yield Desk(parts, engine, wish=folder / "wish", imported=folder / "imported.json"), engine
    finally:
        running.cancel()
        await asyncio.wait({running})


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  # of a thread and a child process there is nothing to wait for
            await asyncio.sleep(0.01)


async def test_a_download_that_stands_still_makes_room_for_a_stick(intake: BundleIntake, tmp_path: Path) -> None:
    goes_on = threading.Event()
    with serving(Web(files={"/b": DATA}, hangs_up_after=1000, goes_on=goes_on)) as web:
        async with updating(tmp_path, intake) as (desk, engine):
            await desk.answer(Install(origin=Origin.HUB, url=f"{web.address}/b", sha256=SHA256, campaign=1))
            await until(lambda: bool(web.asked))
            stick = Install(origin=Origin.STICK, name="new.raucb")
            assert (await desk.answer(stick)).key == "busy"
            given_up = await desk.answer(GoBack())
            assert (given_up.key, given_up.machine.state) == (None, UpdateState.IDLE)
            assert given_up.machine.history[0].key == "given_up"
            await until(lambda: not list((tmp_path / "bundles").iterdir()))
            assert (await desk.answer(stick)).key is None
            await until(lambda: engine.memory.state is UpdateState.INSTALLED)
            assert engine.memory.attempt is not None
            assert engine.memory.attempt.origin is Origin.STICK
        goes_on.set()


async def test_so_does_one_that_waits_to_try_again(intake: BundleIntake, tmp_path: Path) -> None:
    with serving(Web(status=503, files={"/b": b""})) as web:
        async with updating(tmp_path, intake) as (desk, engine):
            await desk.answer(Install(origin=Origin.HUB, url=f"{web.address}/b", sha256=SHA256, campaign=1))
            await until(lambda: engine.memory.key == "download_failed")
            assert (await desk.answer(GoBack())).machine.step is Step.NONE
            assert (await desk.answer(Install(origin=Origin.STICK, name="new.raucb"))).key is None
            await until(lambda: engine.memory.state is UpdateState.INSTALLED)
