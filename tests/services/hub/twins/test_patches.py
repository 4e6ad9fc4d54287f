"""Wishes laid over wishes and taken back, and what is not as wished."""

import random
from typing import Any

import pytest

from gateway.wire.merge import leaves, stacked
from gateway.wire.uplink import Rejected, Reported
from services.hub.twins.patches import differences, undone


def made_up(chance: random.Random, depth: int = 0) -> dict[str, Any]:
    """Without empty sections, which say nothing."""
    found: dict[str, Any] = {}
    for key in chance.sample("abcd", chance.randint(1, 3)):
        inner = depth < 2 and chance.random() < 0.4
        found[key] = made_up(chance, depth + 1) if inner else chance.choice([1, 2, "x", None, [1]])
    return found


def test_what_was_laid_over_is_taken_back_whole() -> None:
    chance = random.Random(3)
    for _ in range(3000):
        before = made_up(chance) if chance.random() < 0.8 else {}
        values = dict(leaves(before))
        patch = {key: value for key, value in made_up(chance).items() if not _crosses(value, before.get(key))}
        after = undone(stacked(before, patch), patch, before)
        assert dict(leaves(after)) == values, (before, patch)


def _crosses(one: Any, other: Any) -> bool:
    """A section in place of a value, or the other way round, at any depth."""
    if other is None or not isinstance(one, dict) or not isinstance(other, dict):
        return isinstance(one, dict) != isinstance(other, dict)
    return any(_crosses(one[key], other[key]) for key in one.keys() & other.keys())


def test_what_was_wished_otherwise_since_stays() -> None:
    patch, before = {"a": 2, "b": 3}, {"a": 1}
    now = stacked(stacked(before, patch), {"a": 9, "c": 4})
    assert undone(now, patch, before) == {"a": 9, "c": 4}


@pytest.mark.parametrize(
    ("reported", "key"),
    [
        (None, "pending"),
        (Reported(version=2, sources={}, settings={"climate": {"pause_s": 30}}), "pending"),
        (Reported(version=2, sources={}, settings={"climate": {"pause_s": 60}}), None),
        (Reported(version=3, sources={"climate.pause_s": "local"}, settings={"climate": {"pause_s": 30}}), "local"),
        (Reported(version=3, sources={"climate.pause_s": "file"}, settings={"climate": {"pause_s": 30}}), "different"),
        (Reported(version=3, sources={}, settings={}), "untold"),
        (
            Reported(
                version=3, sources={}, settings={}, rejected=(Rejected(path="climate.pause_s", key="setting_invalid"),)
            ),
            "setting_invalid",
        ),
    ],
)
def test_what_is_not_as_wished_and_why(reported: Reported | None, key: str | None) -> None:
    found = differences(3, {"climate": {"pause_s": 60}}, reported)
    assert [one.key for one in found] == ([] if key is None else [key])
    assert all((one.path, one.wished) == ("climate.pause_s", 60) for one in found)


def test_what_was_set_back_to_the_file_is_as_wished_once_it_was_looked_at() -> None:
    told = Reported(version=3, sources={}, settings={"climate": {"pause_s": 30}})
    assert differences(3, {"climate": {"pause_s": None}}, told) == ()
