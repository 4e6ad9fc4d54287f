"""A small real program on the product's own flow: numbers go from two sources through two stages into a file.

Arguments: the file, and what goes wrong ("nothing", "weather", "bug").
"""

import asyncio
import itertools
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from gateway.errors import SourceLost
from gateway.flow.board import Board
from gateway.flow.channel import Channel
from gateway.flow.clock import SystemClock
from gateway.flow.stages import Stage, Stages, run_stages
from gateway.flow.supervise import Backoff, supervise


class Numbers:
    """Counts up; every number that left is on standard output. Fails as told after each 50."""

    def __init__(self, name: str, trouble: str) -> None:
        self.name = name
        self._trouble = trouble
        self._numbers = itertools.count()

    async def stream(self) -> AsyncGenerator[str, None]:
        for number in self._numbers:
            yield f"{self.name}{number}"
            if number % 50 == 49:
                self._fail()
            await asyncio.sleep(0.001)

    def _fail(self) -> None:
        if self._trouble == "weather":
            raise SourceLost("camera_lost")
        if self._trouble == "bug":
            raise ZeroDivisionError


async def main(path: Path, trouble: str) -> None:
    first: Channel[str] = Channel("first", 4)
    second: Channel[str] = Channel("second", 4)
    clock, board, stop = SystemClock(), Board(), asyncio.Event()
    first.expect(2)
    second.expect(1)

    async def source(name: str) -> None:
        backoff = Backoff(first_s=0.01, most_s=0.01)
        numbers = Numbers(name, trouble)
        async with (
            first.sender(),
            aclosing(supervise(numbers, name, clock=clock, report=board.report, backoff=backoff)) as items,
        ):
            async for item in items:
                sys.stdout.write(f"sent {item}\n")
                sys.stdout.flush()
                await first.send(item)

    async def middle() -> None:
        async with second.sender():
            async for item in first:
                await second.send(item)

    async def sink() -> None:
        with path.open("a", encoding="ascii") as file:
            async for item in second:
                await asyncio.sleep(0.002)  # slower than the sources: the channels are full when the end comes
                file.write(item + "\n")

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await run_stages(
        Stages(
            sources=[Stage(name=n, body=lambda n=n: source(n)) for n in "ab"],  # type: ignore[misc]
            flow=[Stage(name="middle", body=middle), Stage(name="sink", body=sink)],
        ),
        stop,
    )


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
