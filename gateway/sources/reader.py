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
from gateway.sources.decoder import Decoder
from gateway.sources.failures import opening_failed, reading_failed
from gateway.sources.judge import Judge
from gateway.sources.locator import FileLocator, Locator
from gateway.sources.pace import Pace
from gateway.sources.packets import Parceller, StreamInfo, VideoPacket
from gateway.sources.ring import PacketRing
from gateway.sources.status import CameraStatus
from gateway.types import Seen, Stamp


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
        self._locator = locator
        self._watcher = watcher
        self._ring = ring
        self._live = live
        self._patience = patience or Patience()
        self._stop = stop or threading.Event()
        self._status = CameraStatus(name, report, counters, hold_s=self._patience.corrupt_hold_s)
        self._judge = Judge(name, watcher=watcher, ring=ring, status=self._status, alive=self._alive)
        self._parcels = self._parceller(now)
        self._connected: int | None = None
        self.sign_ns = time.monotonic_ns()

    def _parceller(self, now: Callable[[], Stamp]) -> Parceller:
        if not isinstance(self._locator, FileLocator):
            return Parceller(now)
        if self._locator.realtime:
            return Parceller(now, until=Pace(self._stop.wait).until)
        return Parceller(now, clip_time=True)

    def seen(self) -> Generator[Seen, None, None]:
        """Judged pictures, each `seq` higher than the one before; ends at the end of a clip or on `stop`.

        Raises `SourceLost` and `Refused` as `gateway.sources.failures` names them."""
        try:
            yield from self._attempt()
        finally:
            if self._connected is not None:
                self._ring.end(self._connected)

    def _attempt(self) -> Iterator[Seen]:
        self._status.opening(str(self._locator))
        while True:
            seq = self._parcels.seq
            with self._open() as container:
                yield from self._connection(container, first=seq == 0)
            if self._stop.is_set():
                return
            if self._live:
                raise SourceLost("camera_lost", camera=str(self._locator), said="end of stream")
            if self._parcels.seq == seq:
                raise Refused("camera_no_video", camera=str(self._locator))
            if not (isinstance(self._locator, FileLocator) and self._locator.loop):
                return
            self._rest(self._locator.rest_s)

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
            self._connected = self._ring.begin(info)
        self._watcher.gap()
        self._parcels.join(info)
        for packet in self._guarded(container.demux(stream)):
            if self._stop.is_set():
                return
            yield from self._one(decoder, packet)
        yield from self._judge.finish(decoder)

    def _guarded(self, packets: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
        """The packets that hold something; the library's errors under our names."""
        try:
            for packet in packets:
                self._alive()
                if packet.size:
                    yield packet
            return
        except av.FFmpegError as error:
            failure = reading_failed(error, self._locator)
        raise failure

    def _one(self, decoder: Decoder, packet: VideoPacket) -> Iterator[Seen]:
        parcel = self._parcels.parcel(packet)
        self._status.count("frames_in")
        self._status.count("bytes", packet.size)
        if parcel.data:
            self._ring.add(parcel)
        yield from self._judge.take(decoder, parcel, packet)

    def _rest(self, left_s: float) -> None:
        """In steps, so that a long rest is not taken for a stalled camera."""
        while left_s > 0 and not self._stop.wait(min(left_s, 1.0)):
            self._alive()
            left_s -= 1.0

    def _alive(self) -> None:
        self.sign_ns = time.monotonic_ns()
