"""A list in the order that people expect is the order that is found."""

import itertools
import random

import pytest

from gateway.wire.versions import is_newer, order

IN_ORDER = [
    "0.1.0.dev2",
    "0.1.0.dev10",
    "0.1.0-rc1",
    "0.1.0",
    "0.1.0+g1a2b",
    "0.1.0.post1",
    "0.1.1",
    "0.2",
    "0.9.0",
    "0.10.0-rc1-dirty",
    "0.10.0",
    "1.0.0.1",
    "2026.11.21",
]


def test_a_shuffled_list_is_put_back_in_order() -> None:
    shuffled = random.Random(6).sample(IN_ORDER, len(IN_ORDER))
    assert sorted(shuffled, key=order) == IN_ORDER


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(IN_ORDER, 2)))
def test_newer_is_one_way_only(first: str, second: str) -> None:
    assert is_newer(second, first)
    assert not is_newer(first, second)


@pytest.mark.parametrize(("one", "other"), [("1", "1.0.0"), ("1.02", "1.2"), ("0.1.0-rc1", "0.1-rc1")])
def test_two_names_of_one_version_are_the_same(one: str, other: str) -> None:
    assert order(one) == order(other)
