"""One camera's stage: pictures become events, and faces are looked for where something moved."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import aclosing
from typing import Protocol

from gateway.app.evidence import Evidence
from gateway.app.router import Tick
from gateway.flow.channel import Channel
from gateway.flow.clock import Clock
from gateway.flow.supervise import supervise
from gateway.seams import Source, StateReport, Stimulus
from gateway.types import Event, Frame, Motion, Seen, Stamp

EXPIRE_EVERY_S = 1.0


class Segmenter(Protocol):
    """Turns a stream of motion into the beginnings and ends that people mean."""

    def step(self, motion: Motion) -> tuple[Event, ...]: ...

    def expire(self, now: Stamp) -> tuple[Event, ...]:
        """What ends because no frame has come for a while."""
        ...

    def finish(self, now: Stamp) -> tuple[Event, ...]:
        """What ends because the camera is gone."""
        ...


class CameraStage:
    """`watch` runs until the source ends or is cancelled. `shown` and `faces` get every sighting and must not
    block; `made` is told of every event before it is sent."""

    def __init__(
        self,
        *,
        name: str,
        source: Source[Seen],
        segmenter: Segmenter,
        evidence: Evidence,
        stimuli: Channel[Stimulus | Tick],
        clock: Clock,
        report: StateReport,
        shown: Callable[[Frame], None],
        faces: Callable[[Seen], object] | None,
        made: Callable[[Event], None],
    ) -> None:
        self.name = name
        self._source = source
        self._segmenter = segmenter
        self._evidence = evidence
        self._stimuli = stimuli
        self._clock = clock
        self._report = report
        self._shown = shown
        self._faces = faces
        self._made = made

    async def watch(self, beat: Callable[[], None]) -> None:
        async with self._stimuli.sender():
            expiring = asyncio.create_task(self._expire(), name=f"camera/{self.name}/expire")
            try:
                await self._look(beat)
            finally:
                expiring.cancel()
                await asyncio.wait({expiring})
                await self._send(self._segmenter.finish(self._clock.now()))

    async def _look(self, beat: Callable[[], None]) -> None:
        part = f"camera/{self.name}"
        sightings = supervise(self._source, part, clock=self._clock, report=self._report, beat=beat)
        async with aclosing(sightings) as items:
            async for seen in items:
                begun = self._segmenter.step(seen.motion)
                await self._send(self._evidence.of_frame(event, seen.frame) for event in begun)
                self._shown(seen.frame)
                if self._faces is not None:
                    self._faces(seen)

    async def _expire(self) -> None:
        """A camera that is lost sends no frames, and motion must still come to an end."""
        while True:
            await self._clock.sleep(EXPIRE_EVERY_S)
            await self._send(self._segmenter.expire(self._clock.now()))

    async def _send(self, events: Iterable[Event]) -> None:
        for event in events:
            self._made(event)
            await self._stimuli.send(event)
