"""The fake updater keeps what every updater promises; the real one is held to it in tests/services/updater."""

from pathlib import Path

from gateway.testing.conformance_updater import check_updater
from gateway.testing.updater import FakeUpdater, answering


async def test_the_fake(tmp_path: Path) -> None:
    socket = tmp_path / "socket"
    async with answering(FakeUpdater(), socket):
        await check_updater(socket)
