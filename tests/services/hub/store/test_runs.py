"""Known numbers as runs, against a set."""

import random

import pytest

from services.hub.store.runs import MOST_RUNS, Runs


@pytest.mark.parametrize("seed", range(20))
def test_runs_know_what_a_set_knows(seed: int) -> None:
    rng = random.Random(seed)
    runs, known = Runs(), set[int]()
    for _ in range(400):
        number = rng.randrange(120)
        assert (number in runs) == (number in known)
        if number not in known:
            assert runs.add(number)
            known.add(number)
        runs = Runs(runs.text)
    told = [number for first, last in runs for number in range(first, last + 1)]
    assert told == sorted(known)


def test_numbers_in_order_are_one_run() -> None:
    runs = Runs()
    for number in range(1, 10_001):
        runs.add(number)
    assert runs.text == "1-10000"


@pytest.mark.parametrize(
    ("number", "text"), [(3, "1-5,7-7"), (6, "1-2,4-7"), (8, "1-2,4-5,7-8"), (0, "0-2,4-5,7-7"), (9, "1-2,4-5,7-7,9-9")]
)
def test_a_number_joins_its_neighbours(number: int, text: str) -> None:
    runs = Runs("1-2,4-5,7-7")
    runs.add(number)
    assert runs.text == text


def test_there_is_a_most_of_runs_and_their_neighbours_still_come_in() -> None:
    runs = Runs()
    assert all(runs.add(2 * number) for number in range(MOST_RUNS))
    assert not runs.add(2 * MOST_RUNS)
    assert 2 * MOST_RUNS not in runs
    assert runs.add(2 * MOST_RUNS - 1)
    assert runs.add(2 * MOST_RUNS)
