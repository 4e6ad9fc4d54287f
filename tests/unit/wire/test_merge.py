"""Merge patches as RFC 7396 has them, and two of them as one."""

from typing import Any

import pytest

from gateway.wire.merge import leaves, merged, stacked, without

RFC_7396 = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
"""Appendix A."""


@pytest.mark.parametrize(("target", "patch", "result"), RFC_7396)
def test_the_cases_of_the_standard(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


@pytest.mark.parametrize("target", [{}, {"a": 1, "b": {"c": 2, "d": 3}}, {"b": 7}])
def test_two_patches_are_one(target: dict[str, Any]) -> None:
    lower, upper = {"a": None, "b": {"c": 5, "e": 6}}, {"a": 2, "b": {"c": None}}
    assert merged(target, stacked(lower, upper)) == merged(merged(target, lower), upper)


def test_a_path_is_taken_back() -> None:
    patch = {"a": {"b": 1, "c": {"d": 2}}, "e": [3]}
    assert without(patch, ("a", "c", "d")) == {"a": {"b": 1}, "e": [3]}
    assert without(patch, ("a",)) == {"e": [3]}
    assert without(patch, ("x", "y")) == patch
    assert list(leaves(patch)) == [(("a", "b"), 1), (("a", "c", "d"), 2), (("e",), [3])]
