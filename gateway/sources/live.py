"""What people see of a camera: fragmented MP4 for a player, single JPEG pictures for the rest."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

from gateway.flow.board import Counters
from gateway.sources.annexb import codec_string, parameter_sets, self_contained
from gateway.sources.fmp4 import Fragmenter
from gateway.sources.packets import Parcel, StreamInfo
from gateway.sources.ring import PacketRing
from gateway.sources.still import jpeg_of_frame, jpeg_of_key
from gateway.types import Frame, Stamp


class LiveView:
    """The live pictures of one camera. Costs nothing while nobody looks: no muxer, no decoding, no thread.

    `executor` does the JPEG work; without one the view has its own single thread, ended by `close`.
    Viewers that fall more than `backlog` pictures behind skip to the next key frame, counted in
    `live.<name>.dropped`.
    """

    def __init__(
        self,
        ring: PacketRing,
        *,
        name: str,
        counters: Counters,
        executor: ThreadPoolExecutor | None = None,
        backlog: int = 300,
    ) -> None:
        self._ring = ring
        self._name = name
        self._counters = counters
        self._own = executor is None
        self._executor = executor or ThreadPoolExecutor(1, thread_name_prefix=f"jpeg-{name}")
        self._backlog = backlog
        self._frame: Frame | None = None
        self._jpeg: tuple[Stamp, int, bytes] | None = None

    @property
    def mime(self) -> str | None:
        """For MediaSource, such as 'video/mp4; codecs="avc1.4D401F"'; None where only JPEG is possible (not H.264,
        or no picture yet)."""
        info = self._ring.info
        if info is None or info.codec != "h264":
            return None
        key = self._ring.last_key()
        codec = codec_string(parameter_sets(info.extradata))
        codec = codec or (codec_string(self_contained(key.data, info.extradata)) if key else None)
        return f'video/mp4; codecs="{codec}"' if codec else None

    def show(self, frame: Frame) -> None:
        """The newest decoded picture: saves decoding one when somebody asks for a JPEG."""
        self._frame = frame

    async def jpeg(self, max_width: int = 640) -> bytes | None:
        """The newest picture at hand; None before the first one and where it cannot be decoded."""
        frame, key = self._frame, self._ring.last_key()
        stamps = [thing.stamp for thing in (frame, key) if thing is not None]
        if not stamps:
            return None
        newest = max(stamps, key=lambda stamp: stamp.mono_ns)
        if self._jpeg is not None and self._jpeg[:2] == (newest, max_width):
            return self._jpeg[2]
        made = await asyncio.get_running_loop().run_in_executor(
            self._executor, _still, frame, key, self._ring.info, max_width
        )
        if made is not None:
            self._jpeg = (newest, max_width, made)
        return made

    async def fragments(self) -> AsyncGenerator[bytes, None]:
        """The init segment, then one fragment a picture, at once from the kept GOP on.

        Ends when the connection to the camera ends (the next one may bring another stream), and at once where
        there is none or `mime` is None."""
        feed = _Feed(self._backlog)
        info, kept = self._ring.follow(feed.push)
        try:
            if info is None or self.mime is None or not self._ring.live:
                return
            with closing(Fragmenter(info)) as fragmenter:
                for parcel in kept:
                    if ready := fragmenter.add(parcel):
                        yield ready
                async for parcel in feed.parcels():
                    if ready := fragmenter.add(parcel):
                        yield ready
                if ready := fragmenter.close():
                    yield ready
                feed.dropped += fragmenter.dropped
        finally:
            self._ring.unfollow(feed.push)
            self._counters.add(f"live.{self._name}.dropped", feed.dropped)

    def close(self) -> None:
        """End the view's own thread."""
        if self._own:
            self._executor.shutdown(wait=False, cancel_futures=True)


class _Feed:
    """From the camera's thread to one viewer on the loop: bounded, and never with a hole inside a GOP."""

    def __init__(self, backlog: int) -> None:
        self.dropped = 0
        self._backlog = backlog
        self._loop = asyncio.get_running_loop()
        self._parcels: deque[Parcel | None] = deque()
        self._skipping = False
        self._woken = asyncio.Event()

    def push(self, parcel: Parcel | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody looks any more
            self._loop.call_soon_threadsafe(self._take, parcel)

    def _take(self, parcel: Parcel | None) -> None:
        if len(self._parcels) >= self._backlog:
            self.dropped += len(self._parcels)
            self._parcels.clear()
            self._skipping = True
        if parcel is not None and self._skipping and not parcel.key:
            self.dropped += 1
            return
        self._skipping = False
        self._parcels.append(parcel)
        self._woken.set()

    async def parcels(self) -> AsyncGenerator[Parcel, None]:
        """Until the connection ends."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._parcels:
                parcel = self._parcels.popleft()
                if parcel is None:
                    return
                yield parcel


def _still(frame: Frame | None, key: Parcel | None, info: StreamInfo | None, max_width: int) -> bytes | None:
    if frame is not None and (key is None or frame.stamp.mono_ns >= key.stamp.mono_ns):
        return jpeg_of_frame(frame, max_width)
    if key is None or info is None:
        return None
    return jpeg_of_key(key, info, max_width)
