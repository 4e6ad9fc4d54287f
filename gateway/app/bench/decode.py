"""What it costs to decode every frame, against ffmpeg doing nothing but that."""

import statistics
import sys
from collections.abc import Callable
from pathlib import Path

from gateway.app.bench.clips import FRAMES, Kind, bench_clip
from gateway.app.bench.measure import cpu_seconds_of, interleaved
from gateway.app.bench.rows import Row
from gateway.flow.board import Counters
from gateway.sources.locator import FileLocator
from gateway.sources.reader import Reader
from gateway.sources.ring import PacketRing
from gateway.types import Frame, FrameRef, Motion, Stamp

NAME = "decode"
ABOUT = "CPU seconds per 1000 frames (720p15) of our every-frame path against ffmpeg -threads 1 -f null"

_ROUNDS = 3
_GOAL = 1.15


def run(progress: Callable[[str], None]) -> list[Row]:
    """Per clip: both costs without start-up (the same command on one frame is taken off), their ratio, and our
    start-up. Median of interleaved rounds, each a child process of its own."""
    return [row for kind in ("static", "busy") for row in _measured(kind, progress)]


def _measured(kind: Kind, progress: Callable[[str], None]) -> list[Row]:
    clip = bench_clip(kind, progress)
    variants = {
        "ours": lambda: cpu_seconds_of(_ours(clip, FRAMES)),
        "ffmpeg": lambda: cpu_seconds_of(_ffmpeg(clip, FRAMES)),
        "ours, start-up": lambda: cpu_seconds_of(_ours(clip, 1)),
        "ffmpeg, start-up": lambda: cpu_seconds_of(_ffmpeg(clip, 1)),
    }
    progress(f"{kind}: {_ROUNDS} rounds of {len(variants)} runs")
    taken = interleaved(variants, _ROUNDS)
    ours = _per_1000(taken["ours"], taken["ours, start-up"])
    floor = _per_1000(taken["ffmpeg"], taken["ffmpeg, start-up"])
    ratio = statistics.median(a / b for a, b in zip(ours, floor, strict=True))
    start_s = statistics.median(taken["ours, start-up"])
    return [
        Row(name=f"{kind}: ours", value=statistics.median(ours), unit="s/1000 frames", goal=None, holds=None),
        Row(name=f"{kind}: ffmpeg", value=statistics.median(floor), unit="s/1000 frames", goal=None, holds=None),
        Row(name=f"{kind}: ours / ffmpeg", value=ratio, unit="ratio", goal=f"<= {_GOAL}", holds=ratio <= _GOAL),
        Row(name=f"{kind}: our start-up, once", value=start_s, unit="s", goal=None, holds=None),
    ]


def _per_1000(whole: list[float], start: list[float]) -> list[float]:
    return [(a - b) / (FRAMES - 1) * 1000 for a, b in zip(whole, start, strict=True)]


def _ours(clip: Path, frames: int) -> list[str]:
    return [sys.executable, "-m", __name__, str(clip), str(frames)]


def _ffmpeg(clip: Path, frames: int) -> list[str]:
    return ["ffmpeg", "-v", "error", "-threads", "1", "-i", str(clip), "-frames:v", str(frames), "-f", "null", "-"]


class _Looker:
    """Wants every frame; what a detector does with it is not counted here."""

    def wants(self, *, key: bool, stamp: Stamp) -> bool:  # noqa: ARG002  # part of the seam
        return True

    def backfill(self) -> bool:
        return False

    def see(self, frame: Frame) -> Motion:
        assert frame.luma.ndim == 2
        return Motion(frame=FrameRef(source=frame.source, seq=frame.seq, stamp=frame.stamp))

    def gap(self) -> None:
        """Nothing is remembered, so nothing is lost."""


def _child(clip: Path, frames: int) -> None:
    reader = Reader(
        name="bench",
        locator=FileLocator(path=clip),
        watcher=_Looker(),
        ring=PacketRing(),
        report=lambda _state: None,
        counters=Counters(),
        live=False,
    )
    for count, _ in enumerate(reader.seen(), 1):
        if count == frames:
            return
    raise SystemExit(f"the clip has fewer than {frames} frames")


if __name__ == "__main__":
    _child(Path(sys.argv[1]), int(sys.argv[2]))
