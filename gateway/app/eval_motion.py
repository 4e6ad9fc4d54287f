"""`hearthgate eval motion`: the live path's reader and watchers over a recording, one line per frame."""

import csv as csv_format
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import av

from gateway.errors import Refused
from gateway.flow.board import Counters
from gateway.perception.gate import EveryFrame, KeyFrameGate
from gateway.seams import Watcher
from gateway.sources.locator import FileLocator
from gateway.sources.packets import Parceller, StreamInfo
from gateway.sources.reader import Reader
from gateway.sources.ring import PacketRing
from gateway.types import Box, Frame, Motion, Stamp

Mode = Literal["every", "gated"]
HEADER = ("frame", "t_s", "motion", "boxes")

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_TELL_EVERY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """`frames` in the file, how many were `decoded`, and in how many there was `motion`."""

    frames: int
    decoded: int
    motion: int
    seconds: float


def evaluate(video: Path, mode: Mode, csv: Path, progress: Callable[[str], None]) -> Summary:
    """Judge every frame of `video` as a camera would be, on the recording's own clock, and write `csv`.

    Raises `Refused` ("video_unreadable", "video_empty", "csv_unwritable") and what `gateway.sources` raises."""
    times = _times(video)
    watcher = _Recording(EveryFrame() if mode == "every" else KeyFrameGate(), times, progress)
    _read(video, watcher)
    lines = watcher.lines(all_frames=mode == "gated")
    if not lines:
        raise Refused("video_empty", video=video.name)
    _write(csv, lines)
    return Summary(
        frames=len(lines),
        decoded=len(watcher.judged),
        motion=sum(bool(line.boxes) for line in lines),
        seconds=lines[-1].t_s - lines[0].t_s,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    t_s: float
    boxes: tuple[Box, ...] = ()


@dataclass(slots=True)
class _Recording:
    """A watcher that remembers what another one said of each frame, by the number of its packet, and tells it when
    the frame is shown: packets with B frames arrive in another order. A frame judged twice (back-fill) keeps a
    verdict of motion."""

    watcher: Watcher
    times: list[float]
    progress: Callable[[str], None]
    judged: dict[int, Motion] = field(default_factory=dict)

    def wants(self, *, key: bool, stamp: Stamp) -> bool:
        return self.watcher.wants(key=key, stamp=stamp)

    def backfill(self) -> bool:
        return self.watcher.backfill()

    def gap(self) -> None:
        self.watcher.gap()

    def see(self, frame: Frame) -> Motion:
        motion = self.watcher.see(replace(frame, stamp=_stamp(self.times[frame.seq])))
        known = self.judged.get(frame.seq)
        if known is None or not known.boxes:
            self.judged[frame.seq] = motion
        if len(self.judged) % _TELL_EVERY == 0:
            self.progress(f"{len(self.judged)} frames judged")
        return motion

    def lines(self, *, all_frames: bool) -> list[_Line]:
        """In order of presentation; frames that were skipped are there without motion where `all_frames`."""
        times = self.times
        numbers = range(len(times)) if all_frames else self.judged
        ordered = sorted(numbers, key=lambda number: (times[number], number))
        return [_Line(t_s=times[n], boxes=self.judged[n].boxes if n in self.judged else ()) for n in ordered]


def _times(video: Path) -> list[float]:
    """When each packet's frame is shown, in seconds, in order of the packets."""
    parcels = Parceller(lambda: _stamp(0.0))
    times: list[float] = []
    av.logging.set_level(None)
    try:
        with av.open(str(video)) as container:
            if not container.streams.video:
                raise Refused("camera_no_video", camera=video.name)
            stream = container.streams.video[0]
            parcels.join(StreamInfo.of(stream))
            for packet in container.demux(stream):
                if packet.size:
                    parcel = parcels.parcel(packet)
                    times.append(parcel.pts_s if parcel.pts_s is not None else parcel.due_s or 0.0)
    except (av.FFmpegError, OSError) as error:
        if not times:
            raise Refused("video_unreadable", video=video.name, said=type(error).__name__) from None
    return times


def _read(video: Path, watcher: Watcher) -> None:
    reader = Reader(
        name="eval",
        locator=FileLocator(path=video),
        watcher=watcher,
        ring=PacketRing(max_bytes=256 << 20),
        report=lambda _state: None,
        counters=Counters(),
        live=False,
        now=lambda: _stamp(0.0),
    )
    for _ in reader.seen():
        pass


def _stamp(t_s: float) -> Stamp:
    return Stamp(wall=_EPOCH + timedelta(seconds=t_s), mono_ns=round(t_s * 1e9))


def _write(csv: Path, lines: list[_Line]) -> None:
    try:
        with csv.open("w", encoding="ascii", newline="") as file:
            writer = csv_format.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            for number, line in enumerate(lines):
                writer.writerow((number, f"{line.t_s:.4f}", int(bool(line.boxes)), _boxes(line.boxes)))
    except OSError as error:
        raise Refused("csv_unwritable", csv=csv.name, said=error.strerror or "") from None


def _boxes(boxes: tuple[Box, ...]) -> str:
    return ";".join(f"{b.x0:.4f} {b.y0:.4f} {b.x1:.4f} {b.y1:.4f}" for b in boxes)
