"""`hearthgate bench latency`: from a frame's arrival to the broker having the command it caused."""

import asyncio
import json
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from gateway.app.bench.latency_clip import PERIOD_S, close_up, visitor_clip
from gateway.app.bench.mosquitto import installed, mosquitto
from gateway.app.bench.rows import Row
from gateway.app.demo_guest import enrol_guest
from gateway.app.places import models_folder, registry
from gateway.app.playground import free_port, house, stop_after, write_credential
from gateway.app.run import Companion
from gateway.app.run import run as run_gateway
from gateway.app.tally import percentile
from gateway.config.load import load_settings
from gateway.models import report

NAME = "latency"
ABOUT = "frame arrival to MQTT command on the wire: 4 cameras at 720p15, a motion rule and a face rule"

CAMERAS = 4
FOR_S = 150.0
MOTION_MS, FACE_MS = 60.0, 150.0
TARGETS = {"motion.began": "lamp", "face.recognised": "heater"}


def run(progress: Callable[[str], None]) -> list[Row]:
    """Each camera sees a visitor every six seconds, not all at once. A command for the lamp follows from motion,
    one for the heater from a recognised face; both are timed to the broker's acknowledgement (QoS 1): Mosquitto where
    it is installed, as on an appliance, else the embedded one."""
    report.pull(registry())
    with tempfile.TemporaryDirectory(prefix="hearthgate-bench-") as name:
        folder = Path(name)
        clips = [folder / f"visitor{number}.mp4" for number in range(CAMERAS)]
        for number, clip in enumerate(clips):
            progress(f"making clip {number + 1} of {CAMERAS}")
            visitor_clip(clip, number * PERIOD_S / CAMERAS)
        secret = folder / "secrets" / "house"
        write_credential(secret, "house")
        own = mosquitto(folder, secret) if installed() else nullcontext(None)
        with own as port:
            broker = "the embedded broker" if port is None else "Mosquitto"
            progress(f"running {CAMERAS} cameras on {broker} for {FOR_S:.0f} s")
            taken = asyncio.run(_measure(folder, _config(clips, port), progress))
    return _rows("motion", taken["lamp"], MOTION_MS) + _rows("face", taken["heater"], FACE_MS)


async def _measure(folder: Path, config: dict[str, Any], progress: Callable[[str], None]) -> dict[str, list[float]]:
    file = folder / "gateway.yaml"
    file.write_text(json.dumps(config), encoding="utf-8")
    settings = load_settings(file)
    stop = asyncio.Event()
    async with house(settings.mqtt.port, folder / "secrets" / "house", 1.0) as room:
        companions: list[Companion] = [room, partial(enrol_guest, close_up(), progress), stop_after(FOR_S, stop)]
        corridor = await run_gateway(settings, stop=stop, say=progress, companions=companions)
    return corridor.base.tally.latencies_ms


def _config(clips: list[Path], port: int | None) -> dict[str, Any]:
    """Each camera has rules of its own, since one rule that acts more than twenty times a minute is paused."""
    camera = {"loop": True, "faces": True, "quiet_s": 1.0}
    cameras: list[dict[str, Any]] = [
        {"name": f"camera{n}", "file": str(clip), **camera} for n, clip in enumerate(clips)
    ]
    topics = {
        what: {"command_topic": f"simhouse/hall/{what}/set", "state_topic": f"simhouse/hall/{what}/state"}
        for what in TARGETS.values()
    }
    return {
        "gateway": {"id": "bench", "data_dir": "data", "key_file": "key/vault.key", "secrets_dir": "secrets"},
        "mqtt": {"port": free_port(), "users": ["house"]}
        if port is None
        else {"host": "127.0.0.1", "port": port, "credential": "house"},
        "web": {"host": "127.0.0.1", "port": free_port()},
        "models": {"directory": str(models_folder())},
        "faces": {"announce_again_s": 1.0},
        "cameras": cameras,
        "devices": [{"name": what, "kind": what, **topics[what]} for what in topics],
        "rules": [_rule(event, one["name"], target) for one in cameras for event, target in TARGETS.items()],
    }


def _rule(event: str, camera: str, target: str) -> dict[str, Any]:
    return {
        "name": f"{target} for {camera}",
        "when": {"event": event, "source": camera},
        "then": [{"switch": {"target": target, "on": True}}],
    }


def _rows(rule: str, taken_ms: list[float], goal_ms: float) -> list[Row]:
    p50, p99 = percentile(taken_ms, 50), percentile(taken_ms, 99)
    if p50 is None or p99 is None:
        return [Row(name=f"{rule} rule: commands", value=0, unit="commands", goal="> 0", holds=False)]
    return [
        Row(name=f"{rule} rule: commands", value=len(taken_ms), unit=f"in {FOR_S:.0f} s", goal=None, holds=None),
        Row(name=f"{rule} rule p50", value=p50, unit="ms", goal=None, holds=None),
        Row(name=f"{rule} rule p99", value=p99, unit="ms", goal=f"<= {goal_ms:.0f}", holds=p99 <= goal_ms),
    ]
