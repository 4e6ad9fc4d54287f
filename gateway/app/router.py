"""The middle of the corridor: events and readings come in, rules are stepped, commands and records go out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Protocol

from gateway.flow.channel import Channel
from gateway.flow.clock import Clock
from gateway.seams import Stimulus
from gateway.types import Command, Event, Kind, Reading, Stamp, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Time has passed: rules that wait may be due."""

    stamp: Stamp


class Engine(Protocol):
    def step(self, stimulus: Stimulus, world: World, now: Stamp) -> tuple[Command, ...]: ...

    def tick(self, now: Stamp, world: World) -> tuple[Command, ...]: ...


class Router:
    """One task; keeps the world and asks the engine. Commands leave before anything is recorded: that is the
    latency people feel."""

    def __init__(
        self,
        *,
        engine: Engine,
        clock: Clock,
        stimuli: Channel[Stimulus | Tick],
        commands: Channel[Command],
        records: Channel[Stimulus],
        local: tzinfo | None = None,
        heard: Callable[[Reading], None] | None = None,
    ) -> None:
        """`heard` is told of every reading before rules are."""
        self._engine = engine
        self._clock = clock
        self._stimuli = stimuli
        self._commands = commands
        self._records = records
        self._local = local
        self._heard = heard
        self.world = World(local=self._local_time())

    def _local_time(self) -> datetime:
        return self._clock.now().wall.astimezone(self._local)

    async def run(self, beat: Callable[[], None]) -> None:
        """Until the stimuli end; then the channels behind it close."""
        async with self._commands.sender(), self._records.sender():
            async for stimulus in self._stimuli:
                beat()
                for command in self._think(stimulus):
                    await self._commands.send(command)
                if not isinstance(stimulus, Tick):
                    await self._records.send(stimulus)

    def _think(self, stimulus: Stimulus | Tick) -> tuple[Command, ...]:
        self.world = replace(_told(self.world, stimulus), local=self._local_time())
        now = self._clock.now()
        if self._heard is not None and isinstance(stimulus, Reading):
            self._heard(stimulus)
        if isinstance(stimulus, Tick):
            return self._engine.tick(now, self.world)
        return self._engine.step(stimulus, self.world, now)


def _told(world: World, stimulus: Stimulus | Tick) -> World:
    if isinstance(stimulus, Reading):
        return world.with_reading(stimulus)
    if isinstance(stimulus, Event) and stimulus.kind is Kind.FACE_RECOGNISED and stimulus.label:
        return world.with_person(stimulus.label, stimulus.stamp)
    return world


async def tick(clock: Clock, stimuli: Channel[Stimulus | Tick], period_s: float = 1.0) -> None:
    """A source stage: one Tick a period."""
    async with stimuli.sender():
        while True:
            await clock.sleep(period_s)
            await stimuli.send(Tick(stamp=clock.now()))
