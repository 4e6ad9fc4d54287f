"""The daemon as a process, above an updater that pretends: it passes its own health gate, and says when it does not."""

import asyncio
from pathlib import Path

import pytest

from gateway.testing.updater import FakeUpdater, answering, machine
from gateway.wire.summary import UpdateState
from gateway.wire.update import Report
from tests.integration.corridor import Gateway, configure

pytestmark = pytest.mark.integration

WITHIN_S = 90.0


async def until_reported(updater: FakeUpdater, failing: set[str]) -> Report:
    """The first report with just these checks failing."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            for one in updater.heard:
                if isinstance(one, Report) and set(one.failing) == failing:
                    return one
            await asyncio.sleep(0.1)


async def test_a_sound_start_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    socket = tmp_path / "socket"
    monkeypatch.setenv("HEARTHGATE_UPDATER_SOCKET", str(socket))
    updater = FakeUpdater(machine(confirmed=False, state=UpdateState.TRYING, target="1.0.0"))
    gateway = Gateway(configure(tmp_path))
    async with answering(updater, socket):
        await asyncio.to_thread(gateway.start)
        try:
            report = await until_reported(updater, set())
        finally:
            status = await asyncio.to_thread(gateway.stop)
    assert report.stable_s == 180.0
    assert status == 0, gateway.output


async def test_in_safe_mode_it_says_that_the_configuration_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = tmp_path / "socket"
    monkeypatch.setenv("HEARTHGATE_UPDATER_SOCKET", str(socket))
    updater = FakeUpdater()
    gateway = Gateway(configure(tmp_path, cameras=[{"name": "door"}]))
    async with answering(updater, socket):
        await asyncio.to_thread(gateway.start)
        try:
            await until_reported(updater, {"config"})
        finally:
            await asyncio.to_thread(gateway.stop)
