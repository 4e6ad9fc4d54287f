"""How cold it was since the last decision, and whether aiming higher would have helped."""

from dataclasses import dataclass

from gateway.climate.plan.band import TOLERANCE_C
from gateway.climate.plan.blame import Blame
from gateway.climate.words import Observed, Wanted

_SURE_C = 0.1
"""A reading that is colder than what is believed by more than this is right: somebody airs the room."""

_AIRED_S = 3600.0
"""So long after a window was last open the room still lacks what went out by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """For `hours` the room was, as far as is known, `under_c` under what is still comfortable; negative: above.
    `avoidable`: aiming higher would have helped; `aired`: a window was open lately."""

    under_c: float
    hours: float
    avoidable: bool = True
    aired: bool = False


class Watch:
    """One room's. `step` once a decision, before it is taken."""

    def __init__(self) -> None:
        self._blame = Blame()
        self._aired_s = float("-inf")
        self._air_c: float | None = None
        self._wanted_c: float | None = None

    def step(self, observed: Observed, wanted: Wanted, believed_c: float, *, since_s: float, full: bool) -> Lack:
        """Of the `since_s` since the last step, in which the room was heated at full power or not (`full`), by the
        target that held then, and the mean of the air at both ends. `believed_c` is the air by the model."""
        if observed.window:
            self._aired_s = observed.now.mono_s
        aired = observed.now.mono_s - self._aired_s < _AIRED_S
        shown_c = believed_c if observed.temp.good is None else observed.temp.good
        air_c = shown_c if aired else min(believed_c, shown_c + _SURE_C)
        before_c = air_c if self._air_c is None else self._air_c
        wanted_c = wanted.target_c if self._wanted_c is None else self._wanted_c
        self._air_c, self._wanted_c = air_c, wanted.target_c
        return Lack(
            under_c=wanted_c - TOLERANCE_C - (before_c + air_c) / 2,
            hours=since_s / 3600,
            avoidable=self._blame.step(wanted, wanted.target_c - TOLERANCE_C - air_c, full=full),
            aired=aired,
        )
