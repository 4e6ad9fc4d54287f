"""Where questions wait for the accelerator: the only place where those who ask and the one who answers meet."""

import itertools
import threading
from collections.abc import Iterable, Sequence

from gateway.errors import GatewayError, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.models.tpu.child import Array
from gateway.models.tpu.scheduler import Priority, Request, Scheduler
from gateway.models.tpu.shed import Shedder
from gateway.models.tpu.ticket import Answer, Ticket


class Desk:
    """Shut at first. `ask`, `wake` and `shut` from any thread; the others belong to the one that answers."""

    def __init__(self, *, clock: Clock, counters: Counters, shedder: Shedder | None = None) -> None:
        self._clock = clock
        self._counters = counters
        self._shedder = shedder
        self._changed = threading.Condition()
        self._woken = False
        self._scheduler = Scheduler()
        self._serving: frozenset[str] = frozenset()
        self._tickets: dict[int, Ticket] = {}
        self._numbers = itertools.count(1)

    def ask(self, model: str, inputs: Sequence[Array], priority: Priority) -> Answer:
        """Blocks for `MOST_WAIT_S` at most. Raises `Transient`: "tpu_away" (not served; at once), "tpu_busy" (the
        queue cannot make it in time; at once), "tpu_late" (no answer in time), or what `failed` and `shut` are
        given."""
        ticket = self._enqueue(model, inputs, priority)
        try:
            return ticket.wait(ticket.request.deadline_s - self.now_s())
        finally:
            if not ticket.taken:
                self._withdraw(ticket.request.number)

    def open(self, models: Iterable[str]) -> None:
        """Serve exactly these, which have been `add`ed."""
        with self._changed:
            self._serving = frozenset(models)

    def shut(self, error: GatewayError) -> None:
        """Serve none; whoever waits, also for the run under way, is told `error`."""
        with self._changed:
            self._serving = frozenset()
            self._scheduler.empty()
            tickets, self._tickets = list(self._tickets.values()), {}
        for ticket in tickets:
            ticket.settle(error)

    def add(self, model: str, sram_bytes: int, took_s: float) -> None:
        """A model that was loaded, and what its first run took."""
        with self._changed:
            self._scheduler.add(model, sram_bytes)
            self._scheduler.measured(model, took_s)

    def remove(self, model: str) -> None:
        """Nobody asks for it any more, or it may not be asked."""
        with self._changed:
            self._serving -= {model}
            self._scheduler.remove(model)

    def wake(self) -> None:
        with self._changed:
            self._woken = True
            self._changed.notify()

    def rest(self, seconds: float) -> None:
        """Until somebody asks or wakes."""
        with self._changed:
            if not self._woken:
                self._changed.wait(max(0.0, seconds))
            self._woken = False

    def take(self) -> Ticket | None:
        """The next to run; None where nobody waits."""
        with self._changed:
            request, late = self._scheduler.take(self.now_s())
            self._turn_away(late)
            if request is None:
                return None
            ticket = self._tickets[request.number]
            ticket.taken = True
            return ticket

    def answered(self, ticket: Ticket, outputs: tuple[Array, ...]) -> None:
        with self._changed:
            now_s = self.now_s()
            took_s = self._scheduler.finished(now_s)
        waited_s = now_s - took_s - ticket.request.arrived_s
        if self._shedder is not None:
            self._shedder.served(waited_s)
        self._settle(ticket, Answer(outputs=outputs, took_s=took_s, waited_s=waited_s))

    def failed(self, ticket: Ticket, error: GatewayError) -> None:
        with self._changed:
            self._scheduler.failed()
        self._settle(ticket, error)

    def now_s(self) -> float:
        return self._clock.now().mono_ns / 1e9

    def _enqueue(self, model: str, inputs: Sequence[Array], priority: Priority) -> Ticket:
        with self._changed:
            if model not in self._serving:
                raise Transient("tpu_away", model=model)
            now_s = self.now_s()
            request = Request(
                number=next(self._numbers),
                model=model,
                priority=priority,
                arrived_s=now_s,
                deadline_s=now_s + self._scheduler.patience_s(model),
            )
            ticket = self._tickets[request.number] = Ticket(request, inputs)
            self._turn_away(self._scheduler.offer(request, now_s))
            self._woken = True
            self._changed.notify()
        return ticket

    def _turn_away(self, late: Sequence[Request]) -> None:
        for request in late:
            self._counters.add("tpu.busy")
            if self._shedder is not None:
                self._shedder.missed()
            self._tickets.pop(request.number).settle(Transient("tpu_busy", model=request.model))

    def _settle(self, ticket: Ticket, result: Answer | GatewayError) -> None:
        with self._changed:
            self._tickets.pop(ticket.request.number, None)
        if not ticket.settle(result):
            self._counters.add("tpu.late")

    def _withdraw(self, number: int) -> None:
        with self._changed:
            self._scheduler.withdraw(number)
            self._tickets.pop(number, None)
