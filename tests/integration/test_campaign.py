"""Gateway and hub as processes: settings come with a campaign, are reported, and go with it."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from tests.integration.corridor import Gateway, configure
from tests.integration.mosquitto import free_port
from tests.services.hub.app.processes import enrol, hub, running_hub
from tests.unit.uplink.support import until

pytestmark = pytest.mark.integration

PLAN = {"wish": {"what": "settings", "patch": {"faces": {"announce_again_s": 9}}}}


def standing(database: Path) -> str:
    with sqlite3.connect(database) as db:
        found = db.execute("SELECT state FROM campaign_homes").fetchall()
    db.close()
    return ", ".join(state for (state,) in found)


def reported(database: Path) -> dict[str, object]:
    """What the home says of its faces."""
    with sqlite3.connect(database) as db:
        found = db.execute("SELECT reported FROM twins WHERE reported IS NOT NULL").fetchall()
    db.close()
    settings: dict[str, dict[str, object]] = json.loads(found[0][0])["settings"] if found else {}
    return settings.get("faces", {})


async def test_settings_come_with_a_campaign_and_go_with_it(tmp_path: Path) -> None:
    port = free_port()
    config, plan, database = tmp_path / "hub.yaml", tmp_path / "plan.json", tmp_path / "hub" / "hub.db"
    config.write_text(f"data_dir: hub\ndoor:\n  port: {port}\n")
    plan.write_text(json.dumps(PLAN))
    token = await enrol(config, "test")
    uplink = {"host": "localhost", "port": port, "tls": "off", "credential": "hub", "batch_s": 0}
    home = configure(tmp_path, cameras=[], uplink=uplink)
    secret = tmp_path / "secrets" / "hub"
    secret.touch(mode=0o600)
    secret.write_text(f"test:{token}")
    gateway = Gateway(home)
    async with running_hub(config, b"door open"):
        try:
            await asyncio.to_thread(gateway.start)
            await asyncio.to_thread(hub, "campaign", "begin", str(plan), "--config", str(config))
            await until(lambda: standing(database) == "begun", lambda: (standing(database), gateway.output))
            await until(lambda: reported(database) == {"announce_again_s": 9}, lambda: reported(database))
            await asyncio.to_thread(hub, "campaign", "stop", "1", "--recall", "--config", str(config))
            await until(lambda: standing(database) == "recalled", lambda: (standing(database), gateway.output))
            assert reported(database) == {}
            assert await asyncio.to_thread(gateway.stop) == 0
        finally:
            gateway.__exit__(None, None, None)
