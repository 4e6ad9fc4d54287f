"""What the hour under way has added up to. One table for all kinds, so that a restart keeps all of it alike."""

import math
from collections.abc import Iterator, Mapping

_MOST = 10_000
"""Entries that are kept: no home has so many things, and a snapshot stays small."""


class Sums:
    """Amounts by path: a kind, a thing and what is added up of it."""

    def __init__(self) -> None:
        self._amounts: dict[tuple[str, str, str], float] = {}

    def add(self, kind: str, thing: str, what: str, amount: float) -> None:
        """What is no finite number, and things beyond a sane number of them, are left out."""
        path = (kind, thing, what)
        if math.isfinite(amount) and (path in self._amounts or len(self._amounts) < _MOST):
            self._amounts[path] = self._amounts.get(path, 0.0) + amount

    def things(self, kind: str) -> Iterator[tuple[str, Mapping[str, float]]]:
        """Each thing of a kind, in order, with its amounts."""
        found: dict[str, dict[str, float]] = {}
        for (of, thing, what), amount in self._amounts.items():
            if of == kind:
                found.setdefault(thing, {})[what] = amount
        yield from sorted(found.items())

    def clear(self) -> None:
        self._amounts.clear()

    def snapshot(self) -> dict[str, float]:
        return {"/".join(path): amount for path, amount in self._amounts.items()}

    def restore(self, saved: Mapping[str, object]) -> None:
        """Added to what is there; what is no amount is left out."""
        for path, amount in saved.items():
            kind, _, rest = path.partition("/")
            thing, _, what = rest.rpartition("/")
            if thing and isinstance(amount, int | float) and not isinstance(amount, bool):
                self.add(kind, thing, what, float(amount))
