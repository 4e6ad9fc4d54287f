"""Who is next on the accelerator, and who had better not wait for it: pure, time is given in seconds.

Strictly by priority, earliest deadline first within one (Liu and Layland 1973), but for one thing: where changing the
model would push parameters off the chip, waiting questions to models that are on it go first, at most `MOST_PASSED`
of them and only while who is passed over still makes its deadline. Whoever would be too late in the queue as it
stands leaves it at once for the CPU twin; so nobody starves, however busy the accelerator is.
"""

from dataclasses import dataclass
from enum import IntEnum

from gateway.models.tpu.cache import SRAM_BYTES, ParameterCache
from gateway.models.tpu.latency import Latency

MOST_PASSED = 4
MOST_WAIT_S = 1.0
"""Nobody waits longer for an answer of the accelerator, whatever it is doing."""
LEAST_WAIT_S = 0.1
"""Shorter would take a hiccup of a busy machine for a fault."""
SLOWER = 10.0
"""So many times its median, and a run is taken to have failed."""


class Priority(IntEnum):
    """What waits for the answer: somebody at the door; a picture that is looked at anyway; what may be left out."""

    LIVE = 0
    NORMAL = 1
    OPTIONAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`number` is never used twice; the answer is worthless after `deadline_s`."""

    number: int
    model: str
    priority: Priority
    arrived_s: float
    deadline_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    request: Request
    began_s: float
    resident: bool


@dataclass(slots=True)
class _Plan:
    """A run of the queue thought ahead: `cache` and `passed` as they will be then."""

    cache: ParameterCache
    at_s: float
    passed: int


class Scheduler:
    """One accelerator, one run at a time. `add` models first; then `offer` requests, `take` the next and say when it
    has `finished`. Requests that come back from `offer` or `take` as too late are no longer here."""

    def __init__(self, capacity: int = SRAM_BYTES) -> None:
        self._cache = ParameterCache(capacity)
        self._sizes: dict[str, int] = {}
        self._latency: dict[str, Latency] = {}
        self._waiting: dict[int, Request] = {}
        self._running: _Running | None = None
        self._passed = 0

    def add(self, model: str, sram_bytes: int) -> None:
        self._sizes[model] = sram_bytes
        self._latency.setdefault(model, Latency())

    def remove(self, model: str) -> None:
        """Nobody asks for it any more."""
        del self._sizes[model], self._latency[model]

    def measured(self, model: str, took_s: float) -> None:
        """It ran outside the queue, its parameters brought to the chip for it."""
        self._latency[model].add(took_s, resident=False)
        self._cache.use(model, self._sizes[model])

    def patience_s(self, model: str) -> float:
        """How long an answer may take before the CPU is asked instead; the most there is before anything was
        measured."""
        slow_s = self._latency[model].slow_s()
        return min(MOST_WAIT_S, max(LEAST_WAIT_S, SLOWER * slow_s)) if slow_s else MOST_WAIT_S

    def offer(self, request: Request, now_s: float) -> list[Request]:
        """Put it in the queue. Answers with whoever is too late now, possibly this very request."""
        if self._stuck(now_s):
            return [request]
        self._waiting[request.number] = request
        return self._drop_late(now_s)

    def take(self, now_s: float) -> tuple[Request | None, list[Request]]:
        """The next to run, which is running from now on, and whoever is too late by now."""
        late = self._drop_late(now_s)
        if not self._waiting or self._running is not None:
            return None, late
        plan = self._plan(now_s)
        request = self._choose(sorted(self._waiting.values(), key=_rank), plan)
        del self._waiting[request.number]
        self._running = _Running(request=request, began_s=now_s, resident=self._cache.holds(request.model))
        self._cache, self._passed = plan.cache, plan.passed
        return request, late

    def finished(self, now_s: float) -> float:
        """The running one was answered; seconds it took."""
        running, self._running = self._running, None
        assert running is not None
        took_s = now_s - running.began_s
        self._latency[running.request.model].add(took_s, resident=running.resident)
        return took_s

    def failed(self) -> None:
        """The running one ended without an answer; what it took says nothing."""
        self._running = None

    def withdraw(self, number: int) -> None:
        """Nobody waits for this one any more."""
        self._waiting.pop(number, None)

    def empty(self) -> list[Request]:
        """Give up the whole queue, and forget what was on the chip: the accelerator is gone or starts anew."""
        waiting = list(self._waiting.values())
        self._waiting.clear()
        self._cache.clear()
        self._running, self._passed = None, 0
        return waiting

    def _stuck(self, now_s: float) -> bool:
        running = self._running
        return running is not None and now_s - running.began_s > self.patience_s(running.request.model)

    def _drop_late(self, now_s: float) -> list[Request]:
        plan, late = self._plan(now_s), []
        waiting = sorted(self._waiting.values(), key=_rank)
        while waiting:
            ahead = _Plan(plan.cache.copy(), plan.at_s, plan.passed)
            request = self._choose(waiting, ahead)
            waiting.remove(request)
            if ahead.at_s > request.deadline_s:
                late.append(self._waiting.pop(request.number))
            else:
                plan = ahead
        return late

    def _plan(self, now_s: float) -> _Plan:
        at_s = now_s
        if self._running is not None:
            usual_s = self._latency[self._running.request.model].usual_s(resident=self._running.resident)
            at_s = max(now_s, self._running.began_s + usual_s)
        return _Plan(self._cache.copy(), at_s, self._passed)

    def _choose(self, waiting: list[Request], plan: _Plan) -> Request:
        """Who runs next of those `waiting` in order of rank; `plan` is moved on to its end."""
        head = waiting[0]
        companion = self._companion(waiting, plan)
        plan.passed = plan.passed + 1 if companion else 0
        request = companion or head
        plan.at_s += self._cost_s(request, plan)
        plan.cache.use(request.model, self._sizes[request.model])
        return request

    def _companion(self, waiting: list[Request], plan: _Plan) -> Request | None:
        """One that may go before the head because its model is on the chip."""
        head = waiting[0]
        if plan.passed >= MOST_PASSED or not plan.cache.evicts(head.model, self._sizes[head.model]):
            return None
        for other in waiting[1:]:
            if other.priority is head.priority and plan.cache.holds(other.model):
                both_s = self._cost_s(other, plan) + self._cost_s(head, plan)
                return other if plan.at_s + both_s <= head.deadline_s else None
        return None

    def _cost_s(self, request: Request, plan: _Plan) -> float:
        return self._latency[request.model].usual_s(resident=plan.cache.holds(request.model))


def _rank(request: Request) -> tuple[int, float, int]:
    return request.priority, request.deadline_s, request.number
