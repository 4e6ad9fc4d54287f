"""Where those who ask meet the one who answers; the test is the one who answers."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from gateway.errors import GatewayError, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import SystemClock
from gateway.models.tpu.desk import Desk
from gateway.models.tpu.errors import TpuFailed, TpuLost
from gateway.models.tpu.scheduler import Priority
from gateway.models.tpu.shed import Shedder
from gateway.models.tpu.ticket import Answer, Ticket

QUESTION = (np.zeros(1, np.float32),)


class Asking:
    def __init__(self) -> None:
        self.counters = Counters()
        self.shedder = Shedder(clock=SystemClock(), report=lambda _state: None)
        self.desk = Desk(clock=SystemClock(), counters=self.counters, shedder=self.shedder)
        self.threads = ThreadPoolExecutor(4, thread_name_prefix="asks")
        self.desk.add("a", 0, took_s=0.0)
        self.desk.open(["a"])

    def ask(self, priority: Priority = Priority.NORMAL) -> "Future[Answer]":
        return self.threads.submit(self.desk.ask, "a", QUESTION, priority)

    def next(self) -> Ticket:
        """Waits for somebody to ask."""
        for _ in range(1000):
            ticket = self.desk.take()
            if ticket is not None:
                return ticket
            self.desk.rest(0.01)
        raise AssertionError("nobody asked")


@pytest.fixture
def asking() -> Iterator[Asking]:
    made = Asking()
    yield made
    made.desk.shut(Transient("tpu_away"))
    made.threads.shutdown()


def key_of(answer: "Future[Answer]") -> str:
    error = answer.exception(10)
    assert isinstance(error, GatewayError)
    return error.key


def test_an_answer_reaches_who_asked_with_what_it_took(asking: Asking) -> None:
    asked = asking.ask()
    asking.desk.answered(asking.next(), QUESTION)
    answer = asked.result(10)
    assert answer.outputs is QUESTION
    assert answer.took_s >= 0
    assert answer.waited_s >= 0


def test_a_model_that_is_not_served_is_told_at_once(asking: Asking) -> None:
    asking.desk.open([])
    assert key_of(asking.ask()) == "tpu_away"


def test_a_failure_reaches_who_asked(asking: Asking) -> None:
    asked = asking.ask()
    asking.desk.failed(asking.next(), TpuFailed("tpu_invoke_failed"))
    assert key_of(asked) == "tpu_invoke_failed"


def test_shutting_tells_who_waits_and_who_is_being_served(asking: Asking) -> None:
    first = asking.ask()
    asking.next()
    second = asking.ask()
    asking.desk.shut(TpuLost("tpu_crashed"))
    assert key_of(first) == "tpu_crashed"
    assert key_of(second) in ("tpu_crashed", "tpu_away", "tpu_busy")


def test_who_gave_up_is_not_answered_any_more(asking: Asking) -> None:
    asked = asking.ask()
    ticket = asking.next()
    assert key_of(asked) == "tpu_late"
    asking.desk.answered(ticket, QUESTION)
    assert asking.counters.get("tpu.late") == 1


def test_behind_a_run_that_got_stuck_nobody_waits_and_the_load_is_noted(asking: Asking) -> None:
    stuck = asking.ask()
    asking.next()
    assert key_of(stuck) == "tpu_late"
    assert key_of(asking.ask()) == "tpu_busy"
    assert asking.counters.get("tpu.busy") == 1


def test_a_model_that_left_is_not_served(asking: Asking) -> None:
    asking.desk.remove("a")
    assert key_of(asking.ask()) == "tpu_away"
