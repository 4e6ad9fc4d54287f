"""A sink that carries nothing out and remembers everything."""

import asyncio

from gateway.flow.clock import Clock
from gateway.seams import Delivery
from gateway.types import Command, Outcome, Result, Stamp


class RecordingSink:
    """A `Sink` for `targets`; `carried_out` holds the commands in order. `answer` is the result of all of them."""

    delivery = Delivery.BEST_EFFORT

    def __init__(
        self, *targets: str, clock: Clock, name: str = "recording", answer: Result = Result.DONE, detail: str = ""
    ) -> None:
        self.name = name
        self.carried_out: list[Command] = []
        self._targets = targets
        self._clock = clock
        self._answer = answer
        self._detail = detail
        self._outcomes: dict[str, Outcome] = {}

    def accepts(self, command: Command) -> bool:
        return command.target in self._targets

    async def deliver(self, command: Command) -> Outcome:
        now = self._clock.now()
        if command.id in self._outcomes:
            return self._outcomes[command.id]
        if not self.accepts(command):
            return Outcome(command=command.id, result=Result.REFUSED, took_s=0.0, detail="no_such_target")
        if not _age_s(command, now) < command.ttl_s:
            return Outcome(command=command.id, result=Result.REFUSED, took_s=0.0, detail="expired")
        self.carried_out.append(command)
        outcome = self._outcomes[command.id] = Outcome(
            command=command.id, result=self._answer, took_s=0.0, detail=self._detail, published=now
        )
        await asyncio.sleep(0)
        return outcome


def _age_s(command: Command, now: Stamp) -> float:
    if command.issued.boot == now.boot:
        return now.seconds_since(command.issued)
    return (now.wall - command.issued.wall).total_seconds()
