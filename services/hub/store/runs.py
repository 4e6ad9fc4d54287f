"""Which numbers of one stream and epoch are known, as runs without gaps.

Numbers come almost in order, so that years of them are one run; a set of keys would grow as fast as the rows do, and
could not be dropped with them without counting an old parcel twice.
"""

from bisect import bisect_right
from collections.abc import Iterator

MOST_RUNS = 1000
"""An honest gateway leaves a gap only where it dropped something; this bounds what a hostile one can make us keep."""


class Runs:
    """Mutable, not shared. `text` is the form on disk: "1-500,502-502"."""

    def __init__(self, text: str = "") -> None:
        pairs = [run.split("-") for run in text.split(",") if run]
        self._firsts = [int(first) for first, _ in pairs]
        self._lasts = [int(last) for _, last in pairs]

    @property
    def text(self) -> str:
        return ",".join(f"{first}-{last}" for first, last in self)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(zip(self._firsts, self._lasts, strict=True))

    def __len__(self) -> int:
        return len(self._firsts)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._firsts, number) - 1
        return at >= 0 and number <= self._lasts[at]

    def add(self, number: int) -> bool:
        """`number` must not be known. False, and nothing is changed, where it would be one run too many."""
        at = bisect_right(self._firsts, number)
        after_one = at > 0 and self._lasts[at - 1] == number - 1
        before_one = at < len(self._firsts) and self._firsts[at] == number + 1
        if after_one and before_one:
            del self._firsts[at]
            self._lasts[at - 1] = self._lasts.pop(at)
        elif after_one:
            self._lasts[at - 1] = number
        elif before_one:
            self._firsts[at] = number
        elif len(self) >= MOST_RUNS:
            return False
        else:
            self._firsts.insert(at, number)
            self._lasts.insert(at, number)
        return True
