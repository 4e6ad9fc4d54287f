"""One TaskGroup of named stages, started together and stopped front to back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A named coroutine function, run once."""

    name: str
    body: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """What runs. `sources` bring data in and are cancelled first; `flow` stages end by themselves once their
    channels are closed and empty; `services` (links, page, watchdog) are needed until the flow has drained."""

    sources: Sequence[Stage] = field(default_factory=tuple)
    flow: Sequence[Stage] = field(default_factory=tuple)
    services: Sequence[Stage] = field(default_factory=tuple)
    after_sources: Sequence[Callable[[], Awaitable[None]]] = field(default_factory=tuple)
    """Called once no source runs any more: closes what the sources fed without a channel."""


async def run_stages(stages: Stages, stop: asyncio.Event, *, drain_s: float = 15.0) -> None:
    """Run everything until `stop` is set, then drain: sources, flow, services.

    An exception that a stage lets out is a bug: everything is cancelled and it is raised in an ExceptionGroup.
    A flow that has not drained after `drain_s` is cancelled, and that is logged as an error.
    """
    async with asyncio.TaskGroup() as group:

        def spawn(some: Sequence[Stage]) -> list[asyncio.Task[None]]:
            return [group.create_task(_named(stage), name=stage.name) for stage in some]

        services, flow, sources = spawn(stages.services), spawn(stages.flow), spawn(stages.sources)
        await stop.wait()
        log.info("stopping: %d sources, %d stages, %d services", len(sources), len(flow), len(services))
        await _cancelled(sources)
        for close in stages.after_sources:
            await close()
        await _drained(flow, drain_s)
        await _cancelled(services)


async def _named(stage: Stage) -> None:
    await stage.body()


async def _cancelled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


async def _drained(tasks: Sequence[asyncio.Task[None]], limit_s: float) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=limit_s)
    for task in late:
        log.error("stage %s did not drain within %.0f s and is cut off", task.get_name(), limit_s)
    await _cancelled(list(late))
