"""Rows of numbers kept over a restart."""

from collections.abc import Mapping

from gateway.climate import saved as kept


def numbers(saved: Mapping[str, object], key: str, count: int, low: float = float("-inf")) -> list[float] | None:
    """The `count` finite numbers under `key`, none below `low`, else None."""
    values = saved.get(key)
    if not isinstance(values, list | tuple) or len(values) != count:
        return None
    read = [kept.number({"value": value}, "value", low=low) for value in values]
    found = [value for value in read if value is not None]
    return found if len(found) == count else None
