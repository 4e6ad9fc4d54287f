"""How late the loop is."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from gateway.flow.lag import Lag
from gateway.testing.clock import FakeClock


class LateClock(FakeClock):
    """Wakes each sleeper by so much too late, then never again."""

    def __init__(self, late_s: list[float]) -> None:
        super().__init__(auto=True)
        self._late: Iterator[float] = iter(late_s)

    async def sleep(self, seconds: float) -> None:
        try:
            await super().sleep(seconds + next(self._late))
        except StopIteration:
            await asyncio.Event().wait()


async def measured(late_s: list[float], window: int = 1000) -> Lag:
    lag = Lag(LateClock(late_s), window=window)
    task, beats = asyncio.create_task(lag.run(lambda: seen.append(None))), len(late_s)
    seen: list[None] = []
    async with asyncio.timeout(5):
        while len(seen) < beats:  # noqa: ASYNC110  # the other task takes turns with this one
            await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return lag


async def test_what_a_sleep_took_too_long_is_the_lag() -> None:
    lag = await measured([n / 1000 for n in range(100)])
    assert lag.samples == 100
    assert [round(lag.quantile_s(share), 4) for share in (0.5, 0.99, 1.0)] == [0.05, 0.099, 0.099]


async def test_only_the_window_counts() -> None:
    lag = await measured([5.0, 0.001, 0.002, 0.003], window=3)
    assert (lag.samples, round(lag.quantile_s(1.0), 4)) == (3, 0.003)


async def test_a_clock_that_wakes_too_early_is_no_lag() -> None:
    lag = await measured([-0.05])
    assert lag.quantile_s(1.0) == 0.0


def test_nothing_measured_is_no_lag() -> None:
    assert Lag(FakeClock()).quantile_s(0.99) == 0.0
