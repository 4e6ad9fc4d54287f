"""What every part is given: time, the board, the counters, the meters, the beats, the tally."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.app.tally import Tally
from gateway.flow.beat import Beats
from gateway.flow.board import Board, Counters
from gateway.flow.clock import Clock, SystemClock
from gateway.flow.lag import Lag
from gateway.flow.meters import Meters
from gateway.flow.stages import Stage

LIMIT_S = 60.0
"""How long a stage may be silent before the watchdog is no longer fed."""

Beat = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    clock: Clock
    board: Board
    counters: Counters
    tally: Tally
    beats: Beats
    meters: Meters
    lag: Lag

    @classmethod
    def fresh(cls, clock: Clock | None = None) -> "Base":
        clock = clock or SystemClock()
        return cls(
            clock=clock,
            board=Board(),
            counters=Counters(),
            tally=Tally(),
            beats=Beats(clock),
            meters=Meters(),
            lag=Lag(clock),
        )


@dataclass(slots=True, kw_only=True)
class Plan:
    """Stages as they are collected; see `gateway.flow.stages.Stages`."""

    sources: list[Stage] = field(default_factory=list)
    flow: list[Stage] = field(default_factory=list)
    services: list[Stage] = field(default_factory=list)
    after_sources: list[Callable[[], Awaitable[None]]] = field(default_factory=list)


def beating(base: Base, name: str, body: Callable[[Beat], Awaitable[None]], limit_s: float = LIMIT_S) -> Stage:
    """A stage that has to beat while it runs and is no longer waited for once it has ended."""
    beat = base.beats.register(name, limit_s)

    async def run() -> None:
        try:
            await body(beat)
        finally:
            base.beats.forget(name)

    return Stage(name=name, body=run)


def quiet(name: str, body: Callable[[Beat], Awaitable[None]]) -> Stage:
    """A stage that may be silent for as long as nothing happens."""
    return Stage(name=name, body=lambda: body(lambda: None))
