"""Telling a person, in the plainest way: a line in the log."""

import logging
from collections import OrderedDict

from gateway.errors import without_secrets
from gateway.flow.clock import Clock
from gateway.seams import Delivery
from gateway.sinks.admission import expired
from gateway.types import Command, Notify, Outcome, Result

_log = logging.getLogger(__name__)

_REMEMBERED = 256


class LogNotifySink:
    """Writes the notifications for `target` into the log, at level WARNING so that the journal shows them.

    DONE once the line is written; the same id again writes nothing. REFUSED: "no_such_target", "expired".
    """

    delivery = Delivery.BEST_EFFORT

    def __init__(self, *, clock: Clock, target: str = "notify", name: str = "notify") -> None:
        self.name = name
        self._clock = clock
        self._target = target
        self._written: OrderedDict[str, Outcome] = OrderedDict()

    def accepts(self, command: Command) -> bool:
        return command.target == self._target and isinstance(command.action, Notify)

    async def deliver(self, command: Command) -> Outcome:
        now = self._clock.now()
        if command.id in self._written:
            return self._written[command.id]
        if command.target != self._target or not isinstance(command.action, Notify):
            return Outcome(command=command.id, result=Result.REFUSED, took_s=0.0, detail="no_such_target")
        if expired(command, now):
            return Outcome(command=command.id, result=Result.REFUSED, took_s=0.0, detail="expired")
        # %r: a title with a line break must not be able to forge a second log line
        _log.warning("%r %r", without_secrets(command.action.title), without_secrets(command.action.body))
        outcome = Outcome(command=command.id, result=Result.DONE, took_s=0.0, published=now)
        self._written[command.id] = outcome
        while len(self._written) > _REMEMBERED:
            self._written.popitem(last=False)
        return outcome
