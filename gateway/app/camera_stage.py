"""One camera's stage: pictures become events, and faces are looked for where something moved."""

from collections.abc import Callable
from contextlib import aclosing
from typing import Protocol

from gateway.app.evidence import Evidence
from gateway.app.router import Tick
from gateway.flow.channel import Channel
from gateway.flow.clock import Clock
from gateway.flow.supervise import supervise
from gateway.seams import Source, StateReport, Stimulus
from gateway.types import Event, Frame, Motion, Seen


class Segmenter(Protocol):
    """Turns a stream of motion into the beginnings and ends that people mean."""

    def step(self, motion: Motion) -> tuple[Event, ...]: ...


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
    ) -> None:
        self._part = f"camera/{name}"
        self._source = source
        self._segmenter = segmenter
        self._evidence = evidence
        self._stimuli = stimuli
        self._clock = clock
        self._report = report
        self._shown = shown
        self._faces = faces

    async def watch(self, beat: Callable[[], None]) -> None:
        sightings = supervise(self._source, self._part, clock=self._clock, report=self._report, beat=beat)
        async with self._stimuli.sender(), aclosing(sightings) as items:
            async for seen in items:
                await self._take(seen)

    async def _take(self, seen: Seen) -> None:
        for event in self._segmenter.step(seen.motion):
            await self._stimuli.send(self._evidence.of_frame(event, seen.frame))
        self._shown(seen.frame)
        if self._faces is not None and seen.motion.boxes:
            self._faces(seen)
