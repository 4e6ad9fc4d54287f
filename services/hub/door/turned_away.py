"""Whom the door did not let in, or sent away, beside what else was refused: where people look for it."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from gateway.errors import Transient
from services.hub.store.contract import Store

EVERY_S = 60.0


@asynccontextmanager
async def written_down(
    counts: Counter[tuple[str, str]], store: Store, *, now: Callable[[], datetime], every_s: float = EVERY_S
) -> AsyncGenerator[None]:
    """While the context is open, and once more at its end, `counts` (see `Door`) go over to the store."""
    over = asyncio.Event()

    async def regularly() -> None:
        last = False
        while not last:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every_s):
                    await over.wait()
            last = over.is_set()
            await _write_down(counts, store, now())

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(regularly(), name="turned-away")
        yield
        over.set()


async def _write_down(counts: Counter[tuple[str, str]], store: Store, at: datetime) -> None:
    taken = dict(counts)
    counts.clear()
    if not taken:
        return
    try:
        await store.refuse(taken, at)
    except Transient:  # told by whoever writes summaries; nobody knows whether these were counted, so they may be twice
        counts.update(taken)
