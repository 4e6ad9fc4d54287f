"""The runner: one exit stack of resources, one group of stages."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from gateway.app.build import Corridor, build
from gateway.app.build.base import Base
from gateway.app.ending import Ending
from gateway.app.sdnotify import Notifier, feed_watchdog, tell_stopping
from gateway.config.settings import Settings
from gateway.errors import Problem
from gateway.flow.stages import Stage, Stages, run_stages
from gateway.uplink.twin.twin import Twin
from gateway.wire.systemd import watchdog_period_s

SWITCH_INTERVAL_S = 0.0005
"""A camera or face thread that computes may hold Python's lock this long. The default of 5 ms, met at each of the
loop's wake-ups between frame and command, cost the slowest commands 15 ms with four cameras."""

Companion = Callable[[Corridor], Awaitable[None]]
"""Runs beside the gateway as a service, like the demo's guest."""


async def run(
    settings: Settings,
    *,
    problems: Sequence[Problem] = (),
    stop: asyncio.Event | Ending,
    say: Callable[[str], None],
    companions: Sequence[Companion] = (),
    twin: Twin | None = None,
) -> Corridor:
    """The gateway until `stop` is set or SIGTERM or SIGINT comes; everything has been closed when it returns.

    With `problems` it runs in safe mode: page and doctor only. `twin` lets people and a hub change settings. Raises
    `Refused` for what a person must put right before anything can run, and an ExceptionGroup for a bug.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    ending = stop if isinstance(stop, Ending) else Ending(stop)
    notifier = Notifier.from_environment()
    base = Base.fresh()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.stop)
    try:
        async with AsyncExitStack() as stack:
            corridor = await build(stack, settings, base, problems=problems, twin=twin)
            say(f"page: {corridor.url}")
            if corridor.claim_code:
                say(f"first visit: claim it with the code {corridor.claim_code}")
                say(f"       or by {corridor.url}login#code={corridor.claim_code}")
            watchdog = Stage(
                name="watchdog", body=lambda: feed_watchdog(notifier, base.beats, base.clock, watchdog_period_s())
            )
            stopping = Stage(
                name="stopping", body=lambda: tell_stopping(notifier, ending.begun, lambda: not ending.anew)
            )
            beside = [Stage(name=f"companion/{n}", body=lambda c=c: c(corridor)) for n, c in enumerate(companions)]  # type: ignore[misc]
            plan = corridor.plan
            await run_stages(
                Stages(
                    sources=plan.sources,
                    flow=plan.flow,
                    services=[watchdog, stopping, *plan.services, *beside],
                    after_sources=plan.after_sources,
                ),
                ending.begun,
            )
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
    return corridor
