"""Every command to the sink that takes it, every outcome counted."""

import logging
from collections.abc import Sequence

from gateway.errors import GatewayError, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.seams import Sink
from gateway.types import Command, Outcome, Result

_log = logging.getLogger(__name__)


class Dispatcher:
    """Gives a command to the first sink that accepts it, else REFUSED "no_such_target"; counts
    "command.<result>".

    Commands reach a sink in the order they were dispatched, without waiting for each other's answers: a newer
    wish never waits for a mute device. A sink that can do only one thing at a time queues by itself.
    """

    def __init__(self, sinks: Sequence[Sink], *, clock: Clock, counters: Counters) -> None:
        self._sinks = tuple(sinks)
        self._clock = clock
        self._counters = counters

    async def deliver(self, command: Command) -> Outcome:
        """Never raises for what a sink or a device does."""
        began = self._clock.now()
        try:
            outcome = await self._deliver(command)
        except GatewayError as error:
            result = Result.UNREACHABLE if isinstance(error, Transient) else Result.REFUSED
            took_s = self._clock.now().seconds_since(began)
            outcome = Outcome(command=command.id, result=result, took_s=took_s, detail=error.key)
        self._counters.add(f"command.{outcome.result.value}")
        _log.debug("command %s to %s: %s %s", command.id, command.target, outcome.result, outcome.detail)
        return outcome

    async def _deliver(self, command: Command) -> Outcome:
        for sink in self._sinks:
            if sink.accepts(command):
                return await sink.deliver(command)
        return Outcome(command=command.id, result=Result.REFUSED, took_s=0.0, detail="no_such_target")
