"""Rows of numbers kept over a restart."""

from collections.abc import Mapping

from gateway.climate import saved as kept


def numbers(saved: Mapping[str, object], key: str, count: int, low: float = float("-inf")) -> list[float] | None:
    """The `count` finite numbers under `key`, none below `low`, else None."""
    found = kept.numbers(saved, key)
    return found if len(found) == count and all(value >= low for value in found) else None
