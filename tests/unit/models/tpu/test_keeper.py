"""When the accelerator is tried, trusted and left alone; time is a number here."""

import pytest

from gateway.flow.supervise import Backoff
from gateway.models.tpu.keeper import MOST_ERRORS, Keeper, Mode

BACKOFF = Backoff(first_s=1, most_s=300, refused_s=300, healthy_s=60)


@pytest.fixture
def keeper() -> Keeper:
    """Without jitter: each wait is the longest of its range."""
    return Keeper(BACKOFF, lambda _least, most: most)


def test_nothing_is_tried_before_a_device_was_seen(keeper: Keeper) -> None:
    assert keeper.mode is Mode.OFF
    assert not keeper.due(1e9)


def test_a_device_that_arrives_is_tried_at_once(keeper: Keeper) -> None:
    keeper.arrived("no model", 5)
    assert keeper.due(5)
    assert keeper.reason == "no model"


def test_each_loss_doubles_the_wait_up_to_the_most(keeper: Keeper) -> None:
    waits = []
    for _ in range(11):
        keeper.lost("crash", 100)
        assert keeper.next_s is not None
        waits.append(keeper.next_s - 100)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_waits_are_jittered_so_that_a_street_of_homes_does_not_knock_together() -> None:
    asked = []

    def half(least: float, most: float) -> float:
        asked.append((least, most))
        return least

    keeper = Keeper(BACKOFF, half)
    keeper.lost("crash", 0)
    assert asked == [(0.5, 1)]
    assert keeper.next_s == 0.5


def test_a_probe_is_not_due_before_its_time_and_is_after_it(keeper: Keeper) -> None:
    keeper.lost("crash", 100)
    assert not keeper.due(100.9)
    assert keeper.due(101)


def test_a_device_that_served_for_long_starts_anew_and_one_that_did_not_waits_longer(keeper: Keeper) -> None:
    for _ in range(3):
        keeper.lost("crash", 0)
    keeper.passed(10)
    keeper.lost("crash", 69)
    assert keeper.next_s == 69 + 8
    keeper.passed(77)
    keeper.lost("crash", 137)
    assert keeper.next_s == 137 + 1


def test_a_replugged_device_cuts_the_wait_short(keeper: Keeper) -> None:
    for _ in range(9):
        keeper.lost("crash", 0)
    keeper.arrived("no model", 3)
    assert keeper.due(3)
    assert (keeper.mode, keeper.reason) == (Mode.CPU, "crash")


def test_while_it_serves_nothing_is_due(keeper: Keeper) -> None:
    keeper.arrived("", 0)
    keeper.passed(0)
    assert not keeper.due(1e9)
    assert (keeper.mode, keeper.reason) == (Mode.TPU, "")


def test_one_that_was_unplugged_is_missed_and_one_that_never_was_there_is_not(keeper: Keeper) -> None:
    keeper.absent("none", 0)
    assert keeper.mode is Mode.OFF
    keeper.passed(1)
    keeper.lost("failed", 2)
    keeper.absent("none", 3)
    assert (keeper.mode, keeper.next_s) == (Mode.CPU, None)


def test_what_a_person_must_put_right_is_looked_at_again_after_five_minutes(keeper: Keeper) -> None:
    keeper.unusable("no library", 0)
    assert keeper.mode is Mode.OFF
    assert not keeper.due(299)
    assert keeper.due(300)


def test_only_failures_on_end_end_the_child(keeper: Keeper) -> None:
    keeper.passed(0)
    for _ in range(10):
        assert [keeper.failed() for _ in range(MOST_ERRORS - 1)] == [False] * (MOST_ERRORS - 1)
        keeper.answered()
    assert [keeper.failed() for _ in range(MOST_ERRORS)][-1]


def test_failures_of_an_earlier_child_are_forgotten(keeper: Keeper) -> None:
    keeper.failed()
    keeper.failed()
    keeper.passed(0)
    assert not keeper.failed()
