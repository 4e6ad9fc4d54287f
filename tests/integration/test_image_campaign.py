"""Gateway and hub as processes, above an updater that pretends: an image counts at the hub once it was found well."""

import asyncio
import json
from pathlib import Path

import pytest

from gateway.testing.updater import FakeUpdater, answering
from gateway.wire.summary import UpdateState
from gateway.wire.update import Install, Origin, Step
from tests.integration.corridor import Gateway, configure
from tests.integration.mosquitto import free_port
from tests.integration.test_campaign import standing
from tests.services.hub.app.processes import enrol, hub, running_hub
from tests.unit.uplink.support import until

pytestmark = pytest.mark.integration

URL, SHA256 = "https://updates.example/2.raucb", "ab" * 32
PLAN = {"wish": {"what": "image", "url": URL, "sha256": SHA256, "version": "2.0.0"}}
INSTALL = Install(origin=Origin.HUB, url=URL, sha256=SHA256, campaign=1)


async def test_an_image_counts_once_it_was_found_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port, socket = free_port(), tmp_path / "socket"
    monkeypatch.setenv("HEARTHGATE_UPDATER_SOCKET", str(socket))
    config, plan, database = tmp_path / "hub.yaml", tmp_path / "plan.json", tmp_path / "hub" / "hub.db"
    config.write_text(f"data_dir: hub\ndoor:\n  port: {port}\n")
    plan.write_text(json.dumps(PLAN))
    token = await enrol(config, "test")
    uplink = {"host": "localhost", "port": port, "tls": "off", "credential": "hub", "batch_s": 0}
    home = configure(tmp_path, cameras=[], uplink=uplink, updates={"window": "00:00-23:59"})
    secret = tmp_path / "secrets" / "hub"
    secret.touch(mode=0o600)
    secret.write_text(f"test:{token}")
    gateway, updater = Gateway(home), FakeUpdater()
    async with answering(updater, socket), running_hub(config, b"door open"):
        try:
            await asyncio.to_thread(gateway.start)
            await asyncio.to_thread(hub, "campaign", "begin", str(plan), "--config", str(config))
            await until(lambda: INSTALL in updater.heard, lambda: (updater.heard, gateway.output))
            updater.install_finishes()
            await until(lambda: updater.machine.step is Step.REBOOTING, lambda: (updater.heard[-3:], gateway.output))
            await asyncio.to_thread(gateway.kill)

            updater.boot()
            await asyncio.to_thread(gateway.start)
            await until(lambda: standing(database) == "begun", lambda: (standing(database), gateway.output))
            assert updater.machine.state is UpdateState.TRYING
            updater.confirm()
            await until(lambda: standing(database) == "confirmed", lambda: (standing(database), gateway.output))
            assert updater.heard.count(INSTALL) == 1, "over the restart it is found again"
            assert await asyncio.to_thread(gateway.stop) == 0
        finally:
            gateway.__exit__(None, None, None)
