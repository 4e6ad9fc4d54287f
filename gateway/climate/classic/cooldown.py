"""How long a room stays warm without heat."""

from collections.abc import Mapping

from gateway.climate import saved as kept

_MARKS_MIN = (15.0, 30.0, 60.0, 120.0, 240.0)

# What is learned is rather too fast: people notice cold, not a few minutes of heat.
_FASTER, _SLOWER = 0.5, 0.15

PRIORS: Mapping[str, tuple[float, ...]] = {
    "radiator": (0.010, 0.030, 0.060, 0.10, 0.16),
    "electric": (0.015, 0.035, 0.065, 0.11, 0.17),
    "floor": (0.000, 0.005, 0.015, 0.04, 0.09),
}
"""Shares of the difference to the outside that are lost after `_MARKS_MIN`: of a light house, for safety."""


class CoolDown:
    """The drop at some minutes after the heat went off, as a share of the difference to the outside: a running mean
    of what was seen, in which fast drops count more than slow ones."""

    def __init__(self, emitter: str) -> None:
        self._drops = list(PRIORS[emitter])
        self._began: tuple[float, float] | None = None
        self._mark = 0

    def watch(self, temp_c: float, outdoor_c: float, mono_s: float, *, off: bool) -> None:
        """Learns from every time without heat. `off`: no heat is given."""
        if not off:
            self._began = None
            return
        if self._began is None:
            self._began, self._mark = (mono_s, temp_c), 0
        began_s, from_c = self._began
        if self._mark < len(_MARKS_MIN) and mono_s - began_s >= _MARKS_MIN[self._mark] * 60.0:
            if from_c - outdoor_c > 3.0:
                drop = min(max((from_c - temp_c) / (from_c - outdoor_c), -0.05), 0.5)
                more = drop - self._drops[self._mark]
                self._drops[self._mark] += (_FASTER if more > 0 else _SLOWER) * more
            self._mark += 1

    def give_up(self) -> None:
        """This time is not like others: a window is open, or nothing is measured."""
        self._began = None

    def lasts(self, temp_c: float, least_c: float, outdoor_c: float, mono_s: float) -> float:
        """Minutes without heat, from now on, until it is `least_c`; at most up to the last mark. Where the heat has
        been off for a while, its emitter is cold already."""
        passed = 0.0 if self._began is None else (mono_s - self._began[0]) / 60.0
        allowed = (temp_c - least_c) / max(temp_c - outdoor_c, 1.0) + self._drop(passed)
        minutes, drop = 0.0, 0.0
        for mark, share in zip(_MARKS_MIN, self._drops, strict=True):
            if share > allowed:
                minutes += (mark - minutes) * max(allowed - drop, 0.0) / (share - drop) if share > drop else 0.0
                break
            minutes, drop = mark, share
        return max(minutes - passed, 0.0)

    def _drop(self, minutes: float) -> float:
        before, drop = 0.0, 0.0
        for mark, share in zip(_MARKS_MIN, self._drops, strict=True):
            if minutes < mark:
                return drop + (share - drop) * (minutes - before) / (mark - before)
            before, drop = mark, share
        return drop

    def snapshot(self) -> dict[str, object]:
        return {str(round(mark)): drop for mark, drop in zip(_MARKS_MIN, self._drops, strict=True)}

    def restore(self, saved: Mapping[str, object]) -> None:
        for place, mark in enumerate(_MARKS_MIN):
            drop = kept.number(saved, str(round(mark)), -0.05, 0.5)
            self._drops[place] = self._drops[place] if drop is None else drop
