"""Retrying lives here, once: weather is retried with jittered back-off, a refusal waits long, a bug goes through."""

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from gateway.errors import Refused, Transient, without_secrets
from gateway.flow.clock import Clock
from gateway.seams import Source, StateReport
from gateway.types import Level, State

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Exponential from `first_s` up to `most_s`, each wait drawn from [half, whole] of it; `refused_s` after a
    refusal, because cameras lock accounts that knock too often. A run of `healthy_s` starts anew."""

    first_s: float = 1.0
    most_s: float = 30.0
    refused_s: float = 300.0
    healthy_s: float = 30.0

    def wait_s(self, attempt: int, uniform: Callable[[float, float], float] = random.uniform) -> float:
        whole = min(self.most_s, self.first_s * 2.0 ** min(attempt, 16))
        return uniform(whole / 2, whole)


async def supervise(
    source: Source[Item],
    part: str,
    *,
    clock: Clock,
    report: StateReport,
    backoff: Backoff | None = None,
    beat: Callable[[], None] = lambda: None,
) -> AsyncGenerator[Item, None]:
    """The source's items, over as many attempts as it takes.

    `Transient` and `Refused` become a reported state and a wait; a normal end is final (the end of a file);
    anything else is a bug and goes through. `beat` is called before every wait and on every item.
    """
    backoff = backoff or Backoff()
    failures = 0
    while True:
        began = clock.now()
        beat()
        try:
            async with aclosing(source.stream()) as items:
                async for item in items:
                    beat()
                    yield item
            report(
                State(part=part, level=Level.OFF, key="ended", detail="the source came to its end", since=clock.now())
            )
            return
        except Transient as error:
            failures = 0 if clock.now().seconds_since(began) >= backoff.healthy_s else failures
            wait_s = backoff.wait_s(failures)
            failures += 1
            level, key, detail = Level.DEGRADED, error.key, str(error)
        except Refused as error:
            wait_s = backoff.refused_s
            level, key, detail = Level.DOWN, error.key, str(error)
        report(State(part=part, level=level, key=key, detail=without_secrets(detail), since=clock.now()))
        await _wait(clock, wait_s, beat)


async def _wait(clock: Clock, seconds: float, beat: Callable[[], None]) -> None:
    """Sleep in steps, so that a long back-off is not mistaken for a hang."""
    while seconds > 0:
        beat()
        step_s = min(seconds, 5.0)
        await clock.sleep(step_s)
        seconds -= step_s
