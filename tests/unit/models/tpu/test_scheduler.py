"""Sharing one accelerator, in simulated time."""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from gateway.models.tpu.cache import ParameterCache
from gateway.models.tpu.scheduler import LEAST_WAIT_S, MOST_PASSED, MOST_WAIT_S, Priority, Request, Scheduler

MB = 1 << 20


def request(
    number: int, model: str = "a", priority: Priority = Priority.NORMAL, deadline_s: float = 1.0, at_s: float = 0.0
) -> Request:
    return Request(number=number, model=model, priority=priority, arrived_s=at_s, deadline_s=deadline_s)


def scheduler(**sizes_mb: float) -> Scheduler:
    """Every model takes 10 ms on the chip and 30 ms when it has to be brought there."""
    made = Scheduler()
    for model, size in (sizes_mb or {"a": 1.0}).items():
        made.add(model, int(size * MB))
        made.measured(model, 0.03)
        made._latency[model].add(0.01, resident=True)
    return made


def served(made: Scheduler, now_s: float = 0.0) -> list[int]:
    """The numbers in the order in which the queue is served, each run over at once."""
    order: list[int] = []
    while True:
        taken, _ = made.take(now_s)
        if taken is None:
            return order
        order.append(taken.number)
        made.failed()


def test_priority_goes_before_deadline_and_deadline_before_arrival() -> None:
    made = scheduler()
    made.offer(request(1, priority=Priority.OPTIONAL, deadline_s=0.2), 0)
    made.offer(request(2, deadline_s=0.9), 0)
    made.offer(request(3, deadline_s=0.5), 0)
    made.offer(request(4, priority=Priority.LIVE, deadline_s=1.0), 0)
    made.offer(request(5, deadline_s=0.5), 0)
    assert served(made) == [4, 3, 5, 2, 1]


def test_one_run_at_a_time() -> None:
    made = scheduler()
    made.offer(request(1), 0)
    made.offer(request(2), 0)
    assert made.take(0)[0] is not None
    assert made.take(0)[0] is None
    assert made.finished(0.01) == pytest.approx(0.01)
    assert made.take(0.01)[0] is not None


def test_who_would_be_too_late_leaves_at_once_instead_of_waiting_for_it() -> None:
    made = scheduler()
    for number in range(3):
        assert made.offer(request(number, deadline_s=0.035), 0) == []
    assert [late.number for late in made.offer(request(9, deadline_s=0.035), 0)] == [9]
    assert served(made) == [0, 1, 2]


def test_an_urgent_request_turns_away_whom_it_makes_late() -> None:
    made = scheduler()
    for number in range(3):
        made.offer(request(number, deadline_s=0.035), 0)
    late = made.offer(request(9, priority=Priority.LIVE, deadline_s=0.5), 0)
    assert [one.number for one in late] == [2]
    assert served(made)[0] == 9


def test_the_run_under_way_counts() -> None:
    made = scheduler()
    made.offer(request(1), 0)
    made.take(0)
    assert made.offer(request(2, deadline_s=0.025), 0) == []
    assert [late.number for late in made.offer(request(3, deadline_s=0.025), 0)] == [3]


def test_behind_a_run_that_takes_far_too_long_nobody_queues() -> None:
    made = scheduler()
    made.offer(request(1), 0)
    made.take(0)
    patience_s = made.patience_s("a")
    assert made.offer(request(2, deadline_s=9), patience_s - 0.01) == []
    assert [late.number for late in made.offer(request(3, deadline_s=9), patience_s + 0.01)] == [3]


def test_patience_follows_what_was_measured_within_its_bounds() -> None:
    made = Scheduler()
    made.add("a", 0)
    assert made.patience_s("a") == MOST_WAIT_S
    made.measured("a", 0.001)
    assert made.patience_s("a") == LEAST_WAIT_S
    for _ in range(20):
        made.measured("a", 0.05)
    assert made.patience_s("a") == pytest.approx(0.5)
    for _ in range(100):
        made.measured("a", 3)
    assert made.patience_s("a") == MOST_WAIT_S


def test_what_lies_on_the_chip_goes_first_where_a_change_would_evict_it() -> None:
    made = scheduler(a=6, b=6)
    made._cache.use("a", 6 * MB)
    made.offer(request(1, "b", deadline_s=0.5), 0)
    for number in range(2, 5):
        made.offer(request(number, "a", deadline_s=0.6), 0)
    assert served(made) == [2, 3, 4, 1]


def test_models_that_share_the_chip_are_served_by_their_deadlines() -> None:
    made = scheduler(a=3, b=3)
    made.offer(request(1, "b", deadline_s=0.5), 0)
    made.offer(request(2, "a", deadline_s=0.6), 0)
    made.offer(request(3, "b", deadline_s=0.7), 0)
    assert served(made) == [1, 2, 3]


def test_only_so_many_are_let_past() -> None:
    made = scheduler(a=6, b=6)
    made._cache.use("a", 6 * MB)
    made.offer(request(1, "b", deadline_s=0.9), 0)
    for number in range(2, 12):
        made.offer(request(number, "a", deadline_s=1.0), 0)
    assert served(made).index(1) == MOST_PASSED


def test_nobody_is_let_past_a_request_that_would_miss_its_deadline_by_it() -> None:
    made = scheduler(a=6, b=6)
    made._cache.use("a", 6 * MB)
    made.offer(request(1, "b", deadline_s=0.035), 0)
    made.offer(request(2, "a", deadline_s=0.9), 0)
    assert served(made)[0] == 1


def test_a_higher_priority_is_never_passed_for_the_cache() -> None:
    made = scheduler(a=6, b=6)
    made._cache.use("a", 6 * MB)
    made.offer(request(1, "b", Priority.LIVE), 0)
    made.offer(request(2, "a"), 0)
    assert served(made)[0] == 1


def test_who_gave_up_is_not_served() -> None:
    made = scheduler()
    made.offer(request(1), 0)
    made.offer(request(2), 0)
    made.withdraw(1)
    made.withdraw(77)
    assert served(made) == [2]


def test_an_accelerator_that_is_gone_leaves_an_empty_queue() -> None:
    made = scheduler()
    made.offer(request(1), 0)
    made.offer(request(2), 0)
    made.take(0)
    assert [one.number for one in made.empty()] == [2]
    made.offer(request(3), 0.5)
    assert served(made, 0.5) == [3]


class TestCache:
    def test_least_recently_used_goes_first(self) -> None:
        cache = ParameterCache(8)
        cache.use("a", 3)
        cache.use("b", 3)
        cache.use("a", 3)
        cache.use("c", 4)
        assert [cache.holds(model) for model in "abc"] == [True, False, True]

    def test_one_larger_than_the_chip_takes_all_of_it(self) -> None:
        cache = ParameterCache(8)
        cache.use("a", 3)
        cache.use("huge", 20)
        assert not cache.holds("a")
        assert cache.evicts("a", 3)

    def test_an_empty_chip_evicts_nobody(self) -> None:
        assert not ParameterCache(8).evicts("huge", 20)


@dataclass
class Outcomes:
    served: list[Request] = field(default_factory=list)
    late: list[Request] = field(default_factory=list)
    waited_s: dict[int, float] = field(default_factory=dict)
    jumped: int = 0


def simulate(seed: int) -> tuple[list[Request], Outcomes]:
    """A random stream against a device that takes what it takes; requests that came back late are not retried."""
    draw = random.Random(seed)
    sizes = {name: draw.choice([0, 1, 3, 6, 12]) * MB for name in "abcd"}
    made, outcomes, now_s = Scheduler(), Outcomes(), 0.0
    for model, size in sizes.items():
        made.add(model, size)
        if draw.random() < 0.8:
            made.measured(model, draw.uniform(0.005, 0.05))
    stream, arrives_s, ends_s = [], 0.0, None
    for number in range(200):
        arrives_s += draw.expovariate(draw.choice([20, 60, 200]))
        wait_s = draw.uniform(0.02, 1.0)
        one = request(number, draw.choice("abcd"), Priority(draw.randrange(3)), arrives_s + wait_s, arrives_s)
        stream.append(one)
    coming = list(stream)
    running: Request | None = None
    while coming or running or made._waiting:
        next_s = min([one.arrived_s for one in coming[:1]] + ([ends_s] if ends_s is not None else []), default=now_s)
        now_s = max(now_s, next_s)
        if ends_s is not None and now_s >= ends_s:
            assert running is not None
            made.finished(now_s)
            running = ends_s = None
        while coming and coming[0].arrived_s <= now_s:
            outcomes.late += made.offer(coming.pop(0), now_s)
        waiting = list(made._waiting.values())
        taken, late = made.take(now_s)
        outcomes.late += late
        if taken is not None:
            running, ends_s = taken, now_s + draw.uniform(0.002, 0.06)
            outcomes.served.append(taken)
            outcomes.waited_s[taken.number] = now_s - taken.arrived_s
            assert all(taken.priority <= other.priority for other in waiting if other not in late)
    return stream, outcomes


@pytest.mark.parametrize("seed", range(40))
def test_every_request_of_a_random_stream_is_served_or_turned_away_once_and_in_time(seed: int) -> None:
    stream, outcomes = simulate(seed)
    ended = Counter(one.number for one in outcomes.served + outcomes.late)
    assert ended == Counter(one.number for one in stream)
    assert outcomes.served
    for one in outcomes.served:
        assert outcomes.waited_s[one.number] <= one.deadline_s - one.arrived_s, "served after its deadline"
