"""Commands become outcomes, journalled and told to everybody who shows them."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from gateway.app.recorder import written
from gateway.flow.board import Counters
from gateway.flow.channel import Channel
from gateway.flow.clock import Clock
from gateway.types import Action, Command, Origin, Outcome, new_id

MOST_AT_ONCE = 64
USER_TTL_S = 10.0


class Dispatcher(Protocol):
    async def deliver(self, command: Command) -> Outcome: ...


class Journal(Protocol):
    async def add_command(self, command: Command) -> None: ...

    async def add_outcome(self, outcome: Outcome) -> None: ...


class Commander:
    """Carries out what rules (`run`) and people (`by_hand`) ask for.

    The journal is written while the device answers, not before: a slow disk must not slow the lamp. Neither is
    forgotten: `carry_out` returns only when both are done.
    """

    def __init__(
        self,
        *,
        dispatcher: Dispatcher,
        journal: Journal,
        clock: Clock,
        counters: Counters,
        tell: Callable[[Command, Outcome], None],
    ) -> None:
        self._dispatcher = dispatcher
        self._journal = journal
        self._clock = clock
        self._counters = counters
        self._tell = tell
        self._free = asyncio.Semaphore(MOST_AT_ONCE)

    async def run(self, commands: Channel[Command], beat: Callable[[], None]) -> None:
        async with asyncio.TaskGroup() as group:
            async for command in commands:
                beat()
                await self._free.acquire()
                group.create_task(self._one(command), name=f"command/{command.target}")

    async def _one(self, command: Command) -> None:
        try:
            await self.carry_out(command)
        finally:
            self._free.release()

    async def carry_out(self, command: Command) -> Outcome:
        outcome, known = await asyncio.gather(
            self._dispatcher.deliver(command),
            written("command", self._journal.add_command(command), self._counters),
        )
        if known:
            await written("outcome", self._journal.add_outcome(outcome), self._counters)
        self._tell(command, outcome)
        return outcome

    async def by_hand(self, target: str, action: Action, who: str = "the page") -> Outcome:
        """What a person asked for just now."""
        now = self._clock.now()
        command = Command(
            id=new_id(),
            target=target,
            action=action,
            issued=now,
            ttl_s=USER_TTL_S,
            origin=Origin.USER,
            cause="user",
            trigger=now,
            why=f"asked for on {who}",
        )
        return await self.carry_out(command)
