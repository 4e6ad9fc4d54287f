"""Whether the model may decide: it earns that by skill, loses it by lack of skill and, for a day, by a fault."""

from collections.abc import Mapping, Sequence

PROMOTE = 0.1
DEMOTE = 0.0

UNREADABLE_C = 0.12
"""Errors so small are the thermometer's own: in a room that hardly moves, staying as it is foretells as well."""

LATCH_S = 86400.0


class Gate:
    """Skill must reach `PROMOTE` at every horizon to be trusted, and fall under `DEMOTE` at one to be trusted no more,
    both only where errors are more than `UNREADABLE_C`. `why` is a clause for people."""

    def __init__(self) -> None:
        self._trusted = False
        self._latched_until_s = float("-inf")
        self.why = "the room is not known yet"

    def trusted(self, mono_s: float) -> bool:
        return self._trusted and mono_s >= self._latched_until_s

    def judge(self, skill: Mapping[float, float], rmse_c: Sequence[float], *, enough: bool) -> None:
        """`skill` is hours ahead -> skill, `rmse_c` of the model at the same horizons."""
        worst = min((one for one, off in zip(skill.values(), rmse_c, strict=True) if off > UNREADABLE_C), default=1.0)
        if self._trusted and worst < DEMOTE:
            self._trusted, self.why = False, "the model does no better than guessing"
        elif not self._trusted and enough and worst >= PROMOTE:
            self._trusted, self.why = True, "the model has proved itself"

    def fault(self, why: str, mono_s: float) -> None:
        """Something that must never happen did: no trust for `LATCH_S`."""
        self._latched_until_s = mono_s + LATCH_S
        self.why = why

    def latched_s(self, mono_s: float) -> float:
        """How long a fault still counts."""
        return max(0.0, self._latched_until_s - mono_s)

    def restore(self, *, trusted: bool, latched_s: float, mono_s: float) -> None:
        self._trusted = trusted
        self._latched_until_s = mono_s + min(max(latched_s, 0.0), LATCH_S) if latched_s > 0 else float("-inf")
