"""One attempt at one camera, synchronously: packets in, judged pictures out. Runs on the camera's own thread."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import av
from av.container import InputContainer

from gateway.errors import Refused, SourceLost
from gateway.flow.board import Counters
from gateway.seams import StateReport, Watcher
from gateway.sources.decoder import Decoded, Decoder
from gateway.sources.failures import opening_failed, reading_failed
from gateway.sources.locator import FileLocator, Locator
from gateway.sources.pace import Pace
from gateway.sources.packets import Parcel, Parceller, StreamInfo, VideoPacket
from gateway.sources.picture import Picture
from gateway.sources.ring import PacketRing
from gateway.sources.status import CameraStatus
from gateway.types import Frame, Seen, Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a camera may keep us waiting. The library ends a stalled read after twice `read_s`; `silence_s`
    is our own limit for the case that it does not, and so has to be longer. `corrupt_hold_s` without damage
    make a damaged stream a good one again."""

    open_s: float = 5.0
    read_s: float = 5.0
    silence_s: float = 12.0
    close_s: float = 2.0
    corrupt_hold_s: float = 10.0


_COUNTS = ("frames_in", "bytes", "frames_decoded", "frames_undecodable", "corrupt")


def eventful(old: Seen, new: Seen) -> Seen:
    """Of two sightings the newer, unless only the older one shows something."""
    shows = bool(new.motion.boxes) or new.motion.scene_changed
    return new if shows or not (old.motion.boxes or old.motion.scene_changed) else old


class Reader:
    """Delivers what one connection (or one clip) shows. For one thread; `stop` ends it at the next packet."""

    def __init__(
        self,
        *,
        name: str,
        locator: Locator,
        watcher: Watcher,
        ring: PacketRing,
        report: StateReport,
        counters: Counters,
        live: bool,
        patience: Patience | None = None,
        stop: threading.Event | None = None,
        now: Callable[[], Stamp] = Stamp.now,
    ) -> None:
        self._name = name
        self._locator = locator
        self._watcher = watcher
        self._ring = ring
        self._counters = counters
        self._live = live
        self._patience = patience or Patience()
        self._stop = stop or threading.Event()
        self._status = CameraStatus(name, report, hold_s=self._patience.corrupt_hold_s)
        clip = locator if isinstance(locator, FileLocator) else None
        self._parcels = Parceller(now, clip_time=clip is not None and not clip.realtime)
        self._pace = Pace(self._stop.wait) if clip is not None and clip.realtime else None
        self._last_seq = -1
        self._counted = {what: f"camera.{name}.{what}" for what in _COUNTS}
        self.sign_ns = time.monotonic_ns()

    def seen(self) -> Generator[Seen, None, None]:
        """Judged pictures, each `seq` higher than the one before; ends at the end of a clip or on `stop`.

        Raises `SourceLost` and `Refused` as `gateway.sources.failures` names them."""
        try:
            yield from self._attempt()
        finally:
            self._ring.end()

    def _attempt(self) -> Iterator[Seen]:
        self._status.opening(str(self._locator))
        loop = isinstance(self._locator, FileLocator) and self._locator.loop
        first = True
        while first or (loop and not self._stop.is_set()):
            with self._open() as container:
                yield from self._connection(container, first=first)
            first = False
        if self._live and not self._stop.is_set():
            raise SourceLost("camera_lost", camera=str(self._locator), said="end of stream")

    def _open(self) -> InputContainer:
        target = self._locator.target()
        patience = (self._patience.open_s, self._patience.read_s)
        av.logging.set_level(None)  # the library's own lines hold the whole URL
        began_s = time.monotonic()
        try:
            return av.open(target.url, format=target.format, options=dict(target.options), timeout=patience)
        except av.FFmpegError as error:
            took_s = time.monotonic() - began_s
            failure = opening_failed(error, self._locator, took_s=took_s, limit_s=self._patience.open_s)
        raise failure  # out here, so that the original and its text are not attached to it

    def _connection(self, container: InputContainer, *, first: bool) -> Iterator[Seen]:
        if not container.streams.video:
            raise Refused("camera_no_video", camera=str(self._locator))
        stream = container.streams.video[0]
        decoder = Decoder(stream)
        info = StreamInfo.of(stream)
        if first:
            self._ring.begin(info)
        self._watcher.gap()
        self._parcels.join(info)
        for packet in self._guarded(container.demux(stream)):
            if self._stop.is_set():
                return
            yield from self._one(decoder, packet)
        yield from self._judged(decoder, decoder.drain())

    def _guarded(self, packets: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
        """The packets that hold something; the library's errors under our names."""
        try:
            for packet in packets:
                self.sign_ns = time.monotonic_ns()
                if packet.size:
                    yield packet
            return
        except av.FFmpegError as error:
            failure = reading_failed(error, self._locator)
        raise failure

    def _one(self, decoder: Decoder, packet: VideoPacket) -> Iterator[Seen]:
        parcel = self._parcels.parcel(packet)
        if self._pace is not None and parcel.due_s is not None:
            self._pace.until(parcel.due_s)
        self._count("frames_in")
        self._count("bytes", packet.size)
        if parcel.data:
            self._ring.add(parcel)
        if not self._watcher.wants(key=parcel.key, stamp=parcel.stamp):
            yield from self._judged(decoder, decoder.skip())
        elif decoder.behind and not parcel.key and (gop := self._ring.current()):
            yield from self._replayed(decoder, gop)
        else:
            yield from self._judged(decoder, self._decoded(decoder, parcel, packet))

    def _decoded(self, decoder: Decoder, parcel: Parcel, packet: VideoPacket | None = None) -> list[Decoded]:
        """Damage is counted, told and skipped over up to the next key frame."""
        try:
            pictures = decoder.feed(parcel, packet)
        except av.FFmpegError:
            self._damaged(parcel.stamp)
            return []
        if not decoder.primed:
            self._count("frames_undecodable")
        return pictures

    def _judged(self, decoder: Decoder, pictures: list[Decoded]) -> Iterator[Seen]:
        for parcel, picture in pictures:
            seen = self._judge(parcel, picture)
            if self._watcher.backfill():
                yield from self._replayed(decoder, self._ring.kept(), seen)
            yield from self._newer(seen)

    def _replayed(self, decoder: Decoder, parcels: tuple[Parcel, ...], hit: Seen | None = None) -> Iterator[Seen]:
        """Kept pictures in order, up to now; a hit is judged once more, in its context, and its motion stays."""
        decoder.reset()
        for parcel in parcels:
            for origin, picture in self._decoded(decoder, parcel):
                seen = self._judge(origin, picture)
                again = hit is not None and hit.frame.seq == seen.frame.seq
                yield from self._newer(eventful(hit, seen) if hit and again else seen)

    def _newer(self, seen: Seen) -> Iterator[Seen]:
        if seen.frame.seq > self._last_seq:
            self._last_seq = seen.frame.seq
            yield seen

    def _judge(self, parcel: Parcel, picture: av.VideoFrame) -> Seen:
        self.sign_ns = time.monotonic_ns()
        self._count("frames_decoded")
        if picture.is_corrupt:
            self._damaged(parcel.stamp)
        else:
            self._told_size(picture)
            self._status.delivered(parcel.stamp, picture.width, picture.height)
        views = Picture(picture)
        frame = Frame(
            source=self._name,
            seq=parcel.seq,
            stamp=parcel.stamp,
            luma=views.luma,
            chroma=views,
            pts_s=parcel.pts_s,
            key=parcel.key,
            corrupt=picture.is_corrupt,
        )
        return Seen(frame=frame, motion=self._watcher.see(frame))

    def _told_size(self, picture: av.VideoFrame) -> None:
        info = self._ring.info
        if info is not None and (info.width, info.height) != (picture.width, picture.height):
            self._ring.measured(picture.width, picture.height)

    def _damaged(self, stamp: Stamp) -> None:
        self._count("corrupt")
        self._status.damaged(stamp)
        self._watcher.gap()

    def _count(self, what: str, n: int = 1) -> None:
        self._counters.add(self._counted[what], n)
