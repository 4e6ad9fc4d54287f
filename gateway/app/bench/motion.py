"""What it costs to decode every frame and look for motion, against programs that do the same.

Debian's motion plays a file at its own speed, and a process that sleeps between frames pays more for each: against
it our path runs at the same speed. Against OpenCV both run through.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from gateway.app.bench.clips import FPS, FRAMES, HEIGHT, WIDTH, bench_clip
from gateway.app.bench.measure import cpu_seconds_of, interleaved
from gateway.app.bench.rows import Row
from gateway.errors import Refused
from gateway.flow.board import Counters
from gateway.perception.gate import EveryFrame, KeyFrameGate
from gateway.perception.motion import MotionDetector
from gateway.sources.locator import FileLocator
from gateway.sources.reader import Reader
from gateway.sources.ring import PacketRing

NAME = "motion"
ABOUT = "CPU seconds per 1000 frames (720p15, static) of decode + motion against Debian's motion and OpenCV's MOG2"

_ROUNDS = 3
_GOAL_DAEMON = 0.8
_GOAL_MOG2 = 0.45
_SETTLES_S = 5.0
_WATCHED_S = 25.0
_STEPS = 600
_DAEMON_CONFIG = """daemon off
log_level 1
width {width}
height {height}
framerate {fps}
netcam_url file://{clip}
picture_output off
movie_output off
stream_port 0
webcontrol_port 0
target_dir {directory}
"""


def run(progress: Callable[[str], None]) -> list[Row]:
    """Medians and ratios of interleaved rounds, each a child process. Start-up is taken off: where a program runs
    through by the same command on one frame, where it plays at its own speed by watching it later on."""
    clip = bench_clip("static", progress)
    daemon = shutil.which("motion") is not None
    variants = {f"{kind} {frames}": _through(kind, clip, frames) for kind in _NAMES for frames in (FRAMES, 1)}
    if daemon:
        variants |= {"daemon": lambda: _daemon_cost(clip), "paced": lambda: _watched_cost(_command("paced", clip, 0))}
    progress(f"{_ROUNDS} rounds of {len(variants)} runs")
    taken = interleaved(variants, _ROUNDS)
    costs = {kind: _per_1000(taken[f"{kind} {FRAMES}"], taken[f"{kind} 1"]) for kind in _NAMES}
    return [
        *(_cost(name, costs[kind]) for kind, name in _NAMES.items()),
        _ratio("every frame / OpenCV BGR + MOG2", costs["every"], costs["mog2"], _GOAL_MOG2),
        _ratio("gated / every frame (key frames 4 s apart)", costs["gated"], costs["every"], None),
        *(_against_daemon(taken["paced"], taken["daemon"]) if daemon else ()),
        Row(name="motion step alone", value=_step_us(), unit="us/frame", goal=None, holds=None),
    ]


_NAMES = {"every": "every frame", "gated": "gated", "mog2": "OpenCV BGR + MOG2 320x180"}


def _against_daemon(ours: list[float], theirs: list[float]) -> list[Row]:
    return [
        _cost("every frame, at 15 fps", ours),
        _cost("motion daemon, at 15 fps", theirs),
        _ratio("every frame / motion daemon, at 15 fps", ours, theirs, _GOAL_DAEMON),
    ]


def _cost(name: str, costs: list[float]) -> Row:
    return Row(name=name, value=statistics.median(costs), unit="s/1000 frames", goal=None, holds=None)


def _ratio(name: str, ours: list[float], theirs: list[float], goal: float | None) -> Row:
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    told, holds = (None, None) if goal is None else (f"<= {goal}", ratio <= goal)
    return Row(name=name, value=ratio, unit="ratio", goal=told, holds=holds)


def _per_1000(whole: list[float], start: list[float]) -> list[float]:
    return [(a - b) / (FRAMES - 1) * 1000 for a, b in zip(whole, start, strict=True)]


def _command(kind: str, clip: Path, frames: int) -> list[str]:
    return [sys.executable, "-m", __name__, kind, str(clip), str(frames)]


def _through(kind: str, clip: Path, frames: int) -> Callable[[], float]:
    return lambda: cpu_seconds_of(_command(kind, clip, frames))


def _daemon_cost(clip: Path) -> float:
    """Debian's motion as it is, with every output off."""
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "motion.conf"
        text = _DAEMON_CONFIG.format(width=WIDTH, height=HEIGHT, fps=FPS, clip=clip, directory=directory)
        config.write_text(text, encoding="utf-8")
        return _watched_cost(["motion", "-n", "-c", str(config)])


def _watched_cost(command: list[str]) -> float:
    """CPU seconds per 1000 frames of a program that plays the clip at its own speed, once it has settled."""
    silence = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=silence, stdout=silence, stderr=silence) as process:  # noqa: S603  # fixed
        try:
            time.sleep(_SETTLES_S)
            began_s = _cpu_s_so_far(process.pid)
            time.sleep(_WATCHED_S)
            took_s = _cpu_s_so_far(process.pid) - began_s
        finally:
            process.terminate()
    return took_s / (_WATCHED_S * FPS) * 1000


def _cpu_s_so_far(pid: int) -> float:
    """User and system time of a running process, all threads. Raises `Refused` when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        raise Refused("bench_program_failed", pid=pid) from None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _step_us() -> float:
    """CPU time of one motion step on a 720p picture that rests, shrinking included."""
    random = np.random.default_rng(1)
    still = random.integers(60, 190, (HEIGHT // 16, WIDTH // 16)).repeat(16, 0).repeat(16, 1)
    pictures = [np.clip(still + random.normal(0, 2.5, still.shape), 0, 255).astype(np.uint8) for _ in range(8)]
    detector = MotionDetector()
    for n in range(60):
        detector.see(pictures[n % 8], n / FPS)
    began_s = time.process_time()
    for n in range(60, 60 + _STEPS):
        detector.see(pictures[n % 8], n / FPS)
    return (time.process_time() - began_s) / _STEPS * 1e6


def _ours(kind: str, clip: Path, frames: int) -> None:
    """`frames` of the clip as fast as they come, on the clip's own clock, or the whole clip at its own speed."""
    paced = kind == "paced"
    reader = Reader(
        name="bench",
        locator=FileLocator(path=clip, realtime=paced),
        watcher=KeyFrameGate() if kind == "gated" else EveryFrame(),
        ring=PacketRing(),
        report=lambda _state: None,
        counters=Counters(),
        live=False,
    )
    for seen in reader.seen():
        if not paced and seen.frame.seq + 1 >= frames:
            return


def _mog2(clip: Path, frames: int) -> None:
    """What tutorials do: frames as BGR, shrunk, through MOG2."""
    capture = cv2.VideoCapture(str(clip), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    subtractor = cv2.createBackgroundSubtractorMOG2()
    for _ in range(frames):
        read, picture = capture.read()
        if not read:
            raise SystemExit("the clip is too short")
        subtractor.apply(cv2.resize(picture, (320, 180), interpolation=cv2.INTER_AREA))


def _child(kind: str, clip: Path, frames: int) -> None:
    cv2.setNumThreads(1)
    if kind == "mog2":
        _mog2(clip, frames)
    else:
        _ours(kind, clip, frames)


if __name__ == "__main__":
    _child(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
