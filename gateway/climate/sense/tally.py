"""A yes-or-no cue whose worth is learned in the room, from what the other cues believe."""

import math
from collections.abc import Mapping

from gateway.climate.sense.rows import numbers

_CAP = 3.0
_MEMORY_S = 14 * 86400.0


class Tally:
    """P(cue | occupied) and P(cue | empty), counted in seconds with soft labels. Where lamps burn whether or not
    anybody is there, or people sleep in the dark, the cue comes to say nothing."""

    def __init__(self, occupied: float, empty: float, prior: float, trust_s: float) -> None:
        """`occupied` and `empty` are the shares believed at first, as firmly as after `trust_s` of watching."""
        self._seconds = [
            [trust_s * (1 - prior) * (1 - empty), trust_s * (1 - prior) * empty],
            [trust_s * prior * (1 - occupied), trust_s * prior * occupied],
        ]

    def evidence(self, cue: bool) -> float:
        """Log-odds of presence that the cue adds, within +-3."""
        empty, occupied = self._seconds
        ratio = occupied[cue] / sum(occupied) * sum(empty) / empty[cue]
        return max(-_CAP, min(_CAP, math.log(ratio)))

    def learn(self, cue: bool, occupied: float, dt_s: float) -> None:
        """The cue held for `dt_s` while the others believed in presence with this probability."""
        keep = math.exp(-dt_s / _MEMORY_S)
        for label, weight in ((1, occupied), (0, 1.0 - occupied)):
            row = self._seconds[label]
            row[cue] += weight * dt_s
            self._seconds[label] = [max(1.0, seconds * keep) for seconds in row]

    def snapshot(self) -> dict[str, object]:
        return {"empty": list(self._seconds[0]), "occupied": list(self._seconds[1])}

    def restore(self, saved: Mapping[str, object]) -> None:
        rows = [numbers(saved, key, 2, low=1.0) for key in ("empty", "occupied")]
        if rows[0] is not None and rows[1] is not None:
            self._seconds = [list(rows[0]), list(rows[1])]
