"""The thread that compares versions, behind everything else and within a budget of time."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from gateway.errors import GatewayError
from gateway.flow.priority import behind_the_rest
from gateway.models import vectors
from gateway.models.rollout.comparison import Budget, Comparison, Inputs, Make, Opened, loaded
from gateway.models.rollout.evidence import Compared, Unusable
from gateway.models.rollout.versions import Version
from gateway.wire.model_card import ModelCard

Golden = Future[vectors.VectorReport | None]


@dataclass(slots=True, kw_only=True)
class _Pending:
    """`inputs` wait to be asked, or are being asked."""

    comparison: Comparison
    budget: Budget
    inputs: Inputs | None = None


class Shadow:
    """One thread for all models. It owns a pair of backends from `make` for each comparison, so that neither its cost
    nor a failure touches what serves, and both versions are timed under the same conditions.

    `golden` runs there too, with a backend from `make_serving`: on the device's own accelerator. `told` is called with
    every result on this thread. `close` waits for what runs. `timer` gives seconds.
    """

    def __init__(
        self,
        *,
        make: Make,
        make_serving: Make,
        opened: Opened,
        told: Callable[[Compared | Unusable], None],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make = make
        self._make_serving = make_serving
        self._opened = opened
        self._told = told
        self._timer = timer
        self._wake = threading.Condition()
        self._pending: dict[str, _Pending] = {}
        self._errands: list[Callable[[], None]] = []
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="rollout-shadow")

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def compare(self, model: str, active: Version, candidate: Version, duty: float) -> None:
        """From now on, in place of what was compared of the model before."""
        self.stop(model)
        comparison = Comparison(model, active, candidate, make=self._make, opened=self._opened)
        with self._wake:
            self._pending[model] = _Pending(comparison=comparison, budget=Budget(duty, self._timer()))

    def stop(self, model: str) -> None:
        """Compare nothing more of the model; its backends are given up by the thread that owns them."""
        with self._wake:
            ended = self._pending.pop(model, None)
            if ended is not None:
                self._errands.append(ended.comparison.close)
                self._wake.notify()

    def offer(self, model: str, inputs: Inputs) -> bool:
        """Whether the inputs were copied to be compared: no others wait and the budget allows it. Never waits."""
        with self._wake:
            pending = self._pending.get(model)
            if pending is None or pending.inputs is not None or not pending.budget.allows(self._timer()):
                return False
            pending.inputs = tuple(value.copy() for value in inputs)
            self._wake.notify()
            return True

    def golden(self, version: Version) -> Golden:
        """Its golden vectors asked anew; where its card has none, something made up, and None. Holds a `GatewayError`
        where it cannot run."""
        future: Golden = Future()

        def errand() -> None:
            try:
                future.set_result(self._asked(version.card))
            except GatewayError as error:
                future.set_exception(error)

        with self._wake:
            self._errands.append(errand)
            self._wake.notify()
        return future

    def _asked(self, card: ModelCard) -> vectors.VectorReport | None:
        backend = loaded(self._make_serving, self._opened, card)
        try:
            if card.golden is None:
                vectors.ask_made_up(backend, card)
                return None
            with self._opened(card.golden) as file:
                return vectors.check(backend, card, file.read_bytes())
        finally:
            backend.close()

    def _run(self) -> None:
        behind_the_rest()
        while (work := self._next()) is not None:
            work()
        for pending in self._pending.values():
            pending.comparison.close()

    def _next(self) -> Callable[[], None] | None:
        """What to do next, errands first; None once closed."""
        with self._wake:
            while not self._closed:
                if self._errands:
                    return self._errands.pop(0)
                for pending in self._pending.values():
                    if pending.inputs is not None:
                        return self._turn(pending, pending.inputs)
                self._wake.wait()
            return None

    def _turn(self, pending: _Pending, inputs: Inputs) -> Callable[[], None]:
        def work() -> None:
            began = self._timer()
            told = pending.comparison.ask(inputs)
            with self._wake:
                pending.budget.spend(self._timer() - began)
                pending.inputs = None
            if told is not None:
                self._told(told)

        return work
