"""The demo as people start it: its summaries arrive at its hub, and what the privacy page lists is what arrived."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store.database import Database
from gateway.store.departures import Departures
from gateway.wire import envelope
from services.hub.store.rows import content
from tests.integration.corridor import ROOT, wait_for

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

A_MINUTE_S = 150.0
"""Till the first minute is told, on a machine that others use too."""


def arrived(folder: Path) -> dict[str, str]:
    """Content by id, as the hub has it."""
    sql = "SELECT gateway || '/' || stream || '/' || epoch || '-' || seq, data FROM summaries"
    for file in folder.glob("hearthgate-demo-*/hub/data/hub.db"):
        with closing(sqlite3.connect(file)) as db, contextlib.suppress(sqlite3.OperationalError):  # it is being made
            return dict(db.execute(sql).fetchall())
    return {}


async def listed(folder: Path) -> dict[str, bytes]:
    """The bytes by id, as the gateway's page shows them."""
    (file,) = folder.glob("hearthgate-demo-*/data/hearthgate.db")
    async with Database(file) as database:
        left = [one for one in await Departures(database).recent(10_000) if "/s/" in one.topic]
    return {str(envelope.load(one.body).id): one.body for one in left}


def test_the_demos_summaries_arrive_at_its_hub_and_are_what_the_page_lists(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gateway.app.cli", "demo", "--for", "280s"]
    with (tmp_path / "said").open("wb") as said:
        demo = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=said)
    try:
        wait_for(lambda: arrived(tmp_path), "summaries at the hub", within_s=A_MINUTE_S)
        there = arrived(tmp_path)
        wait_for(lambda: there.keys() <= asyncio.run(listed(tmp_path)).keys(), "what arrived on the privacy page")
        left = asyncio.run(listed(tmp_path))
        assert {name: content(envelope.load(left[name]).data) for name in there} == there
        assert "health" in {name.split("/")[1] for name in there}
        assert demo.poll() is None
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(timeout=60)
    assert demo.returncode == 0
