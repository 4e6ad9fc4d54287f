"""The straight corridor, nothing mocked: a real RTSP camera, a real Mosquitto, a simulated room, our own process."""

import json
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from gateway.models.clips import fetch_clip
from gateway.models.fetch import Fetcher

from .corridor import CANARY, ROOT, Gateway, Listener, configure, wait_for
from .mosquitto import Mosquitto
from .rtsp_server import RtspServer, make_clip, missing

pytestmark = pytest.mark.integration

LAMP = {
    "name": "lamp",
    "kind": "lamp",
    "command_topic": "simhouse/hall/lamp/set",
    "state_topic": "simhouse/hall/lamp/state",
}
RULE = {
    "name": "Light",
    "when": {"event": "motion.began", "source": "door"},
    "then": [{"switch": {"target": "lamp", "on": True}}],
}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real street, as a camera would send it."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("clip")
    street = fetch_clip("street", folder, Fetcher())
    return make_clip(folder / "street.h264", source=street, seconds=10, fps=15, gop=15)


def corridor(folder: Path, camera: RtspServer, broker: Mosquitto) -> Path:
    return configure(
        folder,
        mqtt={"host": "127.0.0.1", "port": broker.port, "credential": "broker"},
        cameras=[{"name": "door", "url": camera.url(), "credential": "camera", "quiet_s": 1}],
        devices=[LAMP],
        rules=[RULE],
    )


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{folder}/data/hearthgate.db?mode=ro", uri=True) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def files_with(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


@pytest.mark.usefixtures("house")
def test_a_moving_picture_switches_a_real_lamp_and_everything_is_written_down(
    tmp_path: Path, clip: Path, broker: Mosquitto, listener: Listener
) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    with (
        RtspServer(clip, "--auth", "digest", password=CANARY) as camera,
        Gateway(corridor(folder, camera, broker)) as gateway,
    ):
        wait_for(lambda: listener.heard("simhouse/hall/lamp/state ON"), gateway.output)
        wait_for(lambda: rows(folder, "SELECT 1 FROM outcomes WHERE result = 'done'"), "the outcome is written")
        assert gateway.stop() == 0
    assert listener.lines.index("simhouse/hall/lamp/set ON") < listener.lines.index("simhouse/hall/lamp/state ON", 3)
    assert listener.heard("hearthgate/test/camera/door/motion ON")
    assert listener.heard("hearthgate/test/status offline")
    assert any(line.startswith("homeassistant/binary_sensor/") for line in listener.lines)
    (began,) = rows(folder, "SELECT count(*) FROM events WHERE kind = 'motion.began'")[0]
    assert began > 0
    assert CANARY not in gateway.output
    assert not [line for line in listener.lines if CANARY in line]
    assert files_with(folder, CANARY) == [folder / "secrets" / "camera"]


def test_a_power_cut_loses_no_row_and_a_lost_camera_is_a_state_that_heals(
    tmp_path: Path, clip: Path, broker: Mosquitto, listener: Listener
) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    health = "hearthgate/test/health/camera/door "
    with RtspServer(clip, "--auth", "basic", password=CANARY) as camera:
        config = corridor(folder, camera, broker)
        with Gateway(config) as gateway:
            wait_for(lambda: rows(folder, "SELECT 1 FROM events WHERE kind = 'motion.began'"), "motion")
            before = {id_ for (id_,) in rows(folder, "SELECT id FROM events")}
            gateway.kill()
        with Gateway(config) as gateway:
            wait_for(lambda: [line for line in listener.lines if line.startswith(health)], "the camera's state")
            assert before <= {id_ for (id_,) in rows(folder, "SELECT id FROM events")}
            camera.kill()
            wait_for(lambda: state_of(listener, health) in {"degraded", "down"}, "the loss is published")
            camera.restart()
            wait_for(lambda: state_of(listener, health) == "ok", "the camera comes back by itself", within_s=60)
            assert gateway.process.poll() is None
            assert gateway.stop() == 0
        assert CANARY not in gateway.output


def state_of(listener: Listener, health: str) -> str | None:
    """The level last published."""
    states = [json.loads(line.removeprefix(health)) for line in listener.lines if line.startswith(health)]
    return states[-1]["level"] if states else None


def test_a_broken_file_starts_safe_mode_and_the_page_is_up(tmp_path: Path) -> None:
    config = configure(tmp_path, cameras=[{"nam": "door"}])
    with Gateway(config) as gateway:
        assert gateway.page is not None
        with urllib.request.urlopen(gateway.page, timeout=10) as answer:
            assert answer.status == 200
        assert "cameras[0].nam" in gateway.output
        assert gateway.stop() == 0


def test_the_demo_shows_all_of_it_and_loses_nothing(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "gateway.app.cli", "demo", "--for", "25s", "--report", str(report)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(report.read_text())
    assert told["events"]["motion.began"] >= 1
    assert told["events"]["face.recognised"] >= 1
    assert told["people"] == ["Robin"]
    assert told["events_lost"] == 0
    assert "DONE" in {command["outcome"] for command in told["commands"] if command["target"] == "lamp"}
    assert told["frames_in"] > told["frames_decoded"] - 1 > 500
    assert told["latency_ms"]["p99"] is not None
    assert told["uplink_bytes"] < 10_000  # none, where no minute ended within these seconds
    assert "hub: http://127.0.0.1:" in ran.stdout
