"""The stage that turns frames with motion into "who is there": one face thread for all cameras."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

from gateway.errors import Invalid, Transient
from gateway.flow.board import Counters
from gateway.flow.channel import Channel
from gateway.perception.blazeface import Rgb
from gateway.perception.face_thread import FaceThread
from gateway.perception.gallery import Gallery
from gateway.perception.watch import FaceWatch, Finding
from gateway.seams import Shedding
from gateway.types import Event, Seen, Stamp

Evidence = Callable[[Event, Rgb], str | None]
"""Given an event and its picture (H, W, 3) RGB: the name the picture will be kept under. Must not block."""

SETTLED_S = 0.5
"""Where everybody in view has a name, one look in this time is enough: the others wait less."""

_EVENTS = 64
_log = logging.getLogger(__name__)


def _no_evidence(_event: Event, _picture: Rgb) -> str | None:
    return None


class FaceRecogniser:
    """`offer` frames from the event loop, `run` as a task, iterate `events`.

    Per camera only the latest frame waits and at most `fps` frames a second are looked at, half as many with every
    level of `shedding`; what is replaced is counted. The camera whose frame has waited longest comes first.
    """

    def __init__(
        self,
        *,
        faces: FaceThread,
        gallery: Gallery,
        model: str,
        counters: Counters,
        evidence: Evidence = _no_evidence,
        fps: float = 5.0,
        cooldown_s: float = 30.0,
        shedding: Shedding = lambda: 0,
    ) -> None:
        self._faces = faces
        self._gallery = gallery
        self._model = model
        self._counters = counters
        self._evidence = evidence
        self._interval_s = 1 / fps
        self._cooldown_s = cooldown_s
        self._shedding = shedding
        self._watches: dict[str, FaceWatch] = {}
        self._looked: dict[str, Stamp] = {}
        self._waiting: dict[str, Seen] = {}
        self._wake = asyncio.Event()
        self._closed = False
        self._events: Channel[Event] = Channel("faces", _EVENTS)

    def use(self, gallery: Gallery) -> None:
        """Match against this gallery from the next frame on."""
        self._gallery = gallery

    def offer(self, seen: Seen) -> bool:
        """Whether the frame will be looked at, unless a newer one of the same camera replaces it. Never blocks."""
        source = seen.frame.source
        watch = self._watches.setdefault(
            source, FaceWatch(model=self._model, counters=self._counters, cooldown_s=self._cooldown_s)
        )
        if self._closed or not _worth_a_look(seen, watch.following) or self._too_soon(seen, watch):
            return False
        if source in self._waiting:
            self._counters.add("faces.replaced")
        self._waiting[source] = seen
        self._wake.set()
        return True

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Until `close`, then what still waits; ends the events. What is neither `Transient` nor `Invalid` goes
        through. `beat` is called at least every second."""
        try:
            while not (self._closed and not self._waiting):
                beat()
                await self._woken()
                while self._waiting:
                    await self._look(self._oldest())
                    beat()
        finally:
            await self._events.close()

    async def events(self) -> AsyncGenerator[Event, None]:
        """Until `run` has ended and everything was taken. A slow reader slows the looking, nothing is lost."""
        async for event in self._events:
            yield event

    async def close(self) -> None:
        """Accept nothing more; `run` finishes what waits."""
        self._closed = True
        self._wake.set()

    def forget(self, source: str) -> None:
        """A camera was removed."""
        for kept in (self._watches, self._looked, self._waiting):
            kept.pop(source, None)

    async def _woken(self) -> None:
        try:
            async with asyncio.timeout(1.0):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    def _oldest(self) -> Seen:
        source = min(self._waiting, key=lambda name: self._waiting[name].frame.stamp.mono_ns)
        return self._waiting.pop(source)

    def _too_soon(self, seen: Seen, watch: FaceWatch) -> bool:
        looked = self._looked.get(seen.frame.source)
        interval_s = max(self._interval_s, SETTLED_S) if watch.settled else self._interval_s
        interval_s *= 2 ** self._shedding()
        return looked is not None and 0 <= seen.frame.stamp.seconds_since(looked) < interval_s

    async def _look(self, seen: Seen) -> None:
        source = seen.frame.source
        watch, gallery = self._watches[source], self._gallery
        self._looked[source] = seen.frame.stamp
        try:
            finding = await self._faces.call(lambda pipeline: watch.look(seen, pipeline, gallery))
        except (Transient, Invalid) as error:
            self._counters.add("faces.failed")
            _log.warning("a frame of %s could not be searched for faces: %s", source, error.key)
            return
        self._counters.add("faces.looked")
        if finding is not None:
            await self._tell(finding)

    async def _tell(self, finding: Finding) -> None:
        evidence = self._evidence(finding.event, finding.picture)
        await self._events.send(replace(finding.event, evidence=evidence))
        self._counters.add(f"faces.{finding.event.kind.value.removeprefix('face.')}")


def _worth_a_look(seen: Seen, following: bool) -> bool:
    motion = seen.motion
    if motion.warming_up or motion.scene_changed or seen.frame.corrupt:
        return False
    return bool(motion.boxes) or following
