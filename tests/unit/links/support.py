"""What the broker and link tests share."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from gateway.flow.board import Board, Counters
from gateway.flow.clock import SystemClock
from gateway.flow.supervise import Backoff
from gateway.links.mqtt import MqttLink, Will
from gateway.types import State

USER, PASSWORD = "gateway", "canary-5up3r-53cr37"
QUICK = Backoff(first_s=0.05, most_s=0.2, refused_s=0.2)


class House:
    """Links to one broker and what they reported."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.states: list[State] = []
        self.board = Board()
        self.board.listen(self.states.append)
        self.counters = Counters()
        self.reported = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wake(_state: State) -> None:
            loop.call_soon_threadsafe(self.reported.set)

        self.board.listen(wake)

    def link(self, identity: str = "gateway", password: str = PASSWORD, will: Will | None = None) -> MqttLink:
        return MqttLink(
            host="127.0.0.1",
            port=self.port,
            identity=identity,
            will=will,
            username=USER,
            password=password,
            clock=SystemClock(),
            report=self.board.report,
            counters=self.counters,
            keepalive_s=1,
            backoff=QUICK,
        )

    async def reports(self, key: str) -> State:
        """The first report with this key, waited for."""
        async with asyncio.timeout(20):
            while not (found := [state for state in self.states if state.key == key]):
                self.reported.clear()
                await self.reported.wait()
        return found[0]


@asynccontextmanager
async def running(*links: MqttLink) -> AsyncGenerator[None, None]:
    """The links run and are connected; afterwards they are cut off."""
    tasks = [asyncio.create_task(link.run()) for link in links]
    try:
        async with asyncio.timeout(10):
            for link in links:
                await link.wait_connected()
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
