"""Compressed packets as plain values: what the ring keeps and every viewer may read from any thread."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.video.stream import VideoStream

from gateway.types import Stamp

if TYPE_CHECKING:
    VideoPacket = av.Packet[VideoStream]
else:  # generic for type checkers only
    VideoPacket = av.Packet


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInfo:
    """What one connection delivers. `codec` is FFmpeg's codec name; `extradata` its out-of-band parameter sets;
    `fps` is the source's own claim, 0 where it makes none; its packets count time in `time_base` s."""

    codec: str
    width: int
    height: int
    extradata: bytes
    fps: float
    time_base: Fraction

    @classmethod
    def of(cls, stream: VideoStream) -> "StreamInfo":
        context, base = stream.codec_context, stream.time_base
        return cls(
            codec=context.codec.canonical_name,
            width=context.width,
            height=context.height,
            extradata=context.extradata or b"",
            fps=float(stream.average_rate or stream.base_rate or 0),
            time_base=Fraction(base.numerator, base.denominator) if base else Fraction(1, 90_000),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One compressed picture. `pts` and `dts` count in `time_base` s; `stamp` is its arrival; `seq` counts the
    camera's packets, so that a frame keeps the number of its packet. `data` is empty for uncompressed video."""

    data: bytes
    key: bool
    seq: int
    stamp: Stamp
    time_base: Fraction
    pts: int | None = None
    dts: int | None = None
    duration: int | None = None

    @property
    def pts_s(self) -> float | None:
        """When it is to be shown, on the source's own clock."""
        return None if self.pts is None else _seconds(self.pts, self.time_base)

    @property
    def due_s(self) -> float | None:
        """When it is to be decoded, on the source's own clock."""
        return self.pts_s if self.dts is None else _seconds(self.dts, self.time_base)

    def packet(self) -> VideoPacket:
        """A fresh packet: the library rewrites what it is handed."""
        packet: VideoPacket = av.Packet(self.data)  # type: ignore[assignment]  # no stream is set on a bare packet
        packet.pts, packet.dts, packet.time_base = self.pts, self.dts, self.time_base
        packet.duration = self.duration
        packet.is_keyframe = self.key
        return packet


class Parceller:
    """Numbers and stamps packets. Each `join` (a clip that begins anew) goes on where the last one ended; a packet
    without any time stamp follows one frame after the one before. With `clip_time` it arrives when the clip's own
    time says, however fast the clip is read; `until` waits until that time has come.
    """

    def __init__(
        self,
        now: Callable[[], Stamp],
        *,
        clip_time: bool = False,
        until: Callable[[float], None] = lambda _clip_s: None,
    ) -> None:
        self.seq = 0
        self._now = now
        self._until = until
        self._began = now() if clip_time else None
        self._base = Fraction(1, 90_000)
        self._offset = self._end = self._step = 0
        self._seam = False
        self._raw = False

    def join(self, info: StreamInfo) -> None:
        self._end = self._offset = round(self._end * self._base / info.time_base)
        self._seam = self.seq > 0
        self._base = info.time_base
        self._step = round(1 / (info.fps or 15.0) / info.time_base)
        self._raw = info.codec == "rawvideo"

    def parcel(self, packet: VideoPacket) -> Parcel:
        pts, dts = packet.pts, packet.dts
        if pts is None and dts is None:  # a live stream's first packets, and byte streams without a container
            pts = dts = self._end - self._offset
        elif self._seam:  # with B frames a clip begins before zero, and must not go back behind its last end
            first = pts if dts is None else dts
            assert first is not None
            self._offset = self._end - first
        self._seam = False
        pts, dts = (None if t is None else t + self._offset for t in (pts, dts))
        at = pts if dts is None else dts
        assert at is not None
        self._end = max(self._end, at + self._step)
        self._until(_seconds(at, self._base))
        parcel = Parcel(
            data=b"" if self._raw else bytes(packet),
            key=packet.is_keyframe,
            seq=self.seq,
            stamp=self._stamp(at),
            time_base=self._base,
            pts=pts,
            dts=dts,
            duration=packet.duration,
        )
        self.seq += 1
        return parcel

    def _stamp(self, at: int) -> Stamp:
        if self._began is None:
            return self._now()
        since_s = _seconds(at, self._base)
        return Stamp(
            wall=self._began.wall + timedelta(seconds=since_s),
            mono_ns=self._began.mono_ns + round(since_s * 1e9),
            boot=self._began.boot,
        )


def _seconds(ticks: int, base: Fraction) -> float:
    return ticks * base.numerator / base.denominator
