"""A camera as a source: one daemon thread an attempt, the latest sighting handed to the event loop."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, closing

from gateway.errors import Refused, SourceLost
from gateway.flow.board import Counters
from gateway.flow.slot import Slot
from gateway.seams import StateReport, Watcher
from gateway.sources.judge import eventful
from gateway.sources.locator import Locator
from gateway.sources.reader import Patience, Reader
from gateway.sources.ring import PacketRing
from gateway.types import Seen

log = logging.getLogger(__name__)

MOST_ABANDONED = 3


class CameraSource:
    """`Source[Seen]` for RTSP, V4L2 and files. A sighting that was not taken in time is overwritten (counted as
    `camera.<name>.frames_dropped`), one with motion never by one without.

    Raises `SourceLost` ("camera_refused", "_silent", "_stalled", "_lost", "_corrupt", "_unreachable", "_busy",
    "_unreadable", "_device_missing") and `Refused` ("camera_unauthorised", "_forbidden", "_not_found",
    "_permission", "_file_missing", "_unreadable", "_no_video", "_threads_stuck").
    """

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
    ) -> None:
        self.name = name
        self._locator = locator
        self._watcher = watcher
        self._ring = ring
        self._report = report
        self._counters = counters
        self._live = live
        self._patience = patience or Patience()
        self._abandoned: list[threading.Thread] = []

    async def stream(self) -> AsyncGenerator[Seen, None]:
        """See `gateway.seams.Source`. Closing it stops and joins the thread, waiting `patience.close_s` at most."""
        self._abandoned = [thread for thread in self._abandoned if thread.is_alive()]
        if len(self._abandoned) > MOST_ABANDONED:
            raise Refused("camera_threads_stuck", camera=str(self._locator), abandoned=len(self._abandoned))
        attempt = _Attempt(self.name, self._patience, self._counters)
        attempt.start(self._reader(attempt.stop))
        try:
            async with aclosing(attempt.sightings()) as sightings:
                async for seen in sightings:
                    yield seen
        finally:
            if not await attempt.close():
                self._abandon(attempt.thread)

    def _reader(self, stop: threading.Event) -> Reader:
        return Reader(
            name=self.name,
            locator=self._locator,
            watcher=self._watcher,
            ring=self._ring,
            report=self._report,
            counters=self._counters,
            live=self._live,
            patience=self._patience,
            stop=stop,
        )

    def _abandon(self, thread: threading.Thread) -> None:
        """A thread blocked inside the library cannot be ended; it is a daemon and ends by itself if it wakes."""
        self._abandoned.append(thread)
        self._counters.add("camera.threads_abandoned")
        log.warning("camera %s: left a blocked thread behind (%d now)", self.name, len(self._abandoned))


class _Attempt:
    """One thread, its slot and its watchdog."""

    thread: threading.Thread
    _reader: Reader

    def __init__(self, name: str, patience: Patience, counters: Counters) -> None:
        self.stop = threading.Event()
        self._name = name
        self._patience = patience
        self._counters = counters
        self._loop = asyncio.get_running_loop()
        self._slot: Slot[Seen] = Slot(self._loop, keep=eventful)
        self._done = asyncio.Event()
        self._stalled = False
        self._watch = self._loop.call_later(patience.silence_s, self._check)

    def start(self, reader: Reader) -> None:
        self._reader = reader
        self.thread = threading.Thread(target=self._run, name=f"camera-{self._name}", daemon=True)
        self.thread.start()

    def sightings(self) -> AsyncGenerator[Seen, None]:
        return self._slot.__aiter__()

    async def close(self) -> bool:
        """Whether the thread has ended in time."""
        self._watch.cancel()
        self.stop.set()
        if self._stalled:
            return False
        try:
            async with asyncio.timeout(self._patience.close_s):
                await self._done.wait()
        except TimeoutError:
            return False
        self.thread.join()
        return True

    def _check(self) -> None:
        """The library's time-outs have failed to end a read: go on without that thread."""
        silent_s = (time.monotonic_ns() - self._reader.sign_ns) / 1e9
        left_s = self._patience.silence_s - silent_s
        if left_s > 0:
            self._watch = self._loop.call_later(left_s, self._check)
            return
        self._stalled = True
        self._slot.end(SourceLost("camera_stalled", silent_s=round(silent_s, 1), thread="abandoned"))

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            self._deliver()
        except BaseException as caught:  # noqa: BLE001  # carried to the consumer: losses are named, bugs go through
            error = caught
        self._slot.end(error)
        try:
            self._loop.call_soon_threadsafe(self._done.set)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    def _deliver(self) -> None:
        with closing(self._reader.seen()) as sightings:
            for seen in sightings:
                if self.stop.is_set():
                    return
                dropped = self._slot.dropped
                self._slot.put(seen)
                if self._slot.dropped > dropped:
                    self._counters.add(f"camera.{self._name}.frames_dropped")
