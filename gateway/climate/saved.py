"""Reading back what was kept over a restart. It may be of another version or damaged: what does not fit is left out."""

import math
from collections.abc import Mapping
from typing import TypeVar

Choice = TypeVar("Choice")


def number(saved: Mapping[str, object], key: str, low: float = -math.inf, high: float = math.inf) -> float | None:
    """The finite number under `key` where it lies within `low` and `high`, else None."""
    value = saved.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if low <= value <= high else None


def numbers(saved: Mapping[str, object], key: str) -> list[float]:
    """The finite numbers of the list under `key`; empty where one of them is none."""
    value = saved.get(key)
    found = [number({"": one}, "") for one in value] if isinstance(value, list | tuple) else []
    return [] if None in found else [one for one in found if one is not None]


def mapping(saved: Mapping[str, object], key: str) -> Mapping[str, object]:
    """What is nested under `key`, empty where nothing is."""
    value = saved.get(key)
    return value if isinstance(value, Mapping) else {}


def choice(saved: Mapping[str, object], key: str, among: type[Choice]) -> Choice | None:
    """The member of the enumeration `among` that is written under `key`, else None."""
    try:
        return among(saved.get(key))  # type: ignore[call-arg]  # calling an enumeration looks its member up
    except ValueError:
        return None
