"""What one more camera costs in memory."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import cv2
import numpy as np

from gateway.app.bench.clips import FPS, GOP, bench_clip
from gateway.app.bench.rows import Row
from gateway.errors import Refused
from gateway.flow.board import Counters
from gateway.perception.gate import EveryFrame
from gateway.sources.camera import CameraSource
from gateway.sources.live import LiveView
from gateway.sources.locator import FileLocator
from gateway.sources.ring import PacketRing

NAME = "cameras"
ABOUT = "resident memory for one more 720p15 camera: decode, motion on every frame, packet ring, live view"

_COUNTS = (1, 2, 4, 8)
_SECONDS = 3 * GOP / FPS
_GOAL_MB = 10.0


def run(progress: Callable[[str], None]) -> list[Row]:
    """The slope of resident memory over 1, 2, 4 and 8 cameras, each a child process that has filled its rings."""
    clips = [bench_clip("static", progress), bench_clip("busy", progress)]
    taken = {count: _measured(count, clips, progress) for count in _COUNTS}
    slope, _ = np.polyfit(list(taken), [mb for mb, _ in taken.values()], 1)
    rows = [
        Row(name=f"{count} cameras", value=mb, unit="MB resident", goal=None, holds=None)
        for count, (mb, _) in taken.items()
    ]
    missed = sum(missed for _, missed in taken.values())
    return [
        *rows,
        Row(
            name="one more camera",
            value=float(slope),
            unit="MB",
            goal=f"<= {_GOAL_MB:g}",
            holds=bool(slope <= _GOAL_MB),
        ),
        Row(name="frames that came too late to be taken", value=missed, unit="frames", goal=None, holds=None),
    ]


def _measured(count: int, clips: list[Path], progress: Callable[[str], None]) -> tuple[float, int]:
    progress(f"{count} cameras for {_SECONDS:.0f} s")
    command = [sys.executable, "-m", __name__, str(count), *map(str, clips)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603  # our own module
    if result.returncode != 0:
        raise Refused("bench_program_failed", program="cameras", said=result.stderr[-300:])
    told = json.loads(result.stdout)
    return float(told["resident_mb"]), int(told["dropped"])


async def _child(count: int, clips: list[Path]) -> dict[str, float]:
    cv2.setNumThreads(1)
    counters = Counters()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_camera(f"c{n}", clips[n % len(clips)], counters)) for n in range(count)]
        await asyncio.sleep(_SECONDS)
        resident_mb = _resident_mb()
        for task in tasks:
            task.cancel()
    dropped = sum(counters.get(f"camera.c{n}.frames_dropped") for n in range(count))
    return {"resident_mb": resident_mb, "dropped": dropped}


async def _camera(name: str, clip: Path, counters: Counters) -> None:
    ring = PacketRing()
    live = LiveView(ring, name=name, counters=counters)
    source = CameraSource(
        name=name,
        locator=FileLocator(path=clip, loop=True, realtime=True),
        watcher=EveryFrame(),
        ring=ring,
        report=lambda _state: None,
        counters=counters,
        live=False,
    )
    async with aclosing(source.stream()) as sightings:
        async for seen in sightings:
            live.show(seen.frame)


def _resident_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kib) * 1024 / 1e6


if __name__ == "__main__":
    told = asyncio.run(_child(int(sys.argv[1]), [Path(clip) for clip in sys.argv[2:]]))
    sys.stdout.write(json.dumps(told))
