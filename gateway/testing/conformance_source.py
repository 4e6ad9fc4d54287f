"""What every source keeps, checked the same way on the fakes and on the real ones."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import TypeVar

from gateway.errors import GatewayError, Refused, SourceLost
from gateway.seams import Source

Item = TypeVar("Item")


async def check_source(make: Callable[[], Source[Item]], *, open_now: Callable[[], int], limit_s: float = 10.0) -> None:
    """`make` gives a fresh source that ends by itself and delivers at least two items; `open_now` counts what its
    streams hold open (threads, connections). Raises AssertionError naming the broken promise."""
    await check_closes(make, open_now=open_now, limit_s=limit_s)
    async with asyncio.timeout(limit_s):
        await _ends_and_starts_anew(make(), open_now)


async def check_closes(make: Callable[[], Source[Item]], *, open_now: Callable[[], int], limit_s: float = 10.0) -> None:
    """The part of `check_source` that endless sources keep as well."""
    async with asyncio.timeout(limit_s):
        assert make().name, "a source has a name"
        await _closes_early(make(), open_now)
        await _is_cancelled(make(), open_now)


async def check_failure(source: Source[Item], key: str, *, open_now: Callable[[], int], limit_s: float = 10.0) -> None:
    """An attempt of `source` fails with `key`, as a loss or a refusal, and leaves nothing open."""
    async with asyncio.timeout(limit_s):
        failure = await _failure(source)
    assert failure is not None, f"ended well instead of failing with {key!r}"
    assert failure.key == key, f"failed with {failure.key!r} instead of {key!r}"
    assert open_now() == 0, "a failed attempt leaves something open"


async def _failure(source: Source[Item]) -> GatewayError | None:
    try:
        await _all(source)
    except (SourceLost, Refused) as error:
        return error
    return None


async def _ends_and_starts_anew(source: Source[Item], open_now: Callable[[], int]) -> None:
    first, second = await _all(source), await _all(source)
    assert first, "the first attempt delivers"
    assert second, "a second attempt delivers again"
    assert open_now() == 0, "an ended attempt leaves something open"


async def _closes_early(source: Source[Item], open_now: Callable[[], int]) -> None:
    async with aclosing(source.stream()) as items:
        await anext(items)
    assert open_now() == 0, "a closed attempt leaves something open"


async def _is_cancelled(source: Source[Item], open_now: Callable[[], int]) -> None:
    started = asyncio.Event()

    async def consume() -> None:
        async with aclosing(source.stream()) as items:
            async for _ in items:
                started.set()
                await asyncio.Event().wait()

    task = asyncio.create_task(consume())
    await started.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled(), "cancelling the consumer goes through"
    assert open_now() == 0, "a cancelled attempt leaves something open"


async def _all(source: Source[Item]) -> list[Item]:
    async with aclosing(source.stream()) as items:
        return [item async for item in items]
