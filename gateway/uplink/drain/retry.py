"""One attempt after the other, for as long as it takes, with what is wrong told in between."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.errors import GatewayError, Refused
from gateway.flow.clock import Clock
from gateway.flow.supervise import Backoff
from gateway.types import Level

BEAT_S = 5.0

Tell = Callable[[Level, GatewayError], None]
"""Called with what is wrong, and how bad it is."""


async def first(*waits: Awaitable[object], beat: Callable[[], None]) -> None:
    """Wait for whichever comes first, beating meanwhile; the others are cancelled. Raises what that one raised."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        while not any(task.done() for task in tasks):
            beat()
            await asyncio.wait(tasks, timeout=BEAT_S, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def again(
    attempt: Callable[[], Awaitable[None]],
    *,
    clock: Clock,
    backoff: Backoff,
    tell: Tell,
    ending: asyncio.Event,
    beat: Callable[[], None],
) -> None:
    """Call `attempt` until it returns, or fails while `ending` is set. `Refused` waits long, other errors of the
    gateway with jittered back-off; a bug goes through."""
    failures = 0
    while True:
        began = clock.now()
        try:
            await attempt()
            return
        except Refused as error:
            wait_s = backoff.refused_s
            tell(Level.DOWN, error)
        except GatewayError as error:
            failures = 0 if clock.now().seconds_since(began) >= backoff.healthy_s else failures
            wait_s = backoff.wait_s(failures)
            failures += 1
            tell(Level.DEGRADED, error)
        if not ending.is_set():
            await first(clock.sleep(wait_s), ending.wait(), beat=beat)
        if ending.is_set():
            return
