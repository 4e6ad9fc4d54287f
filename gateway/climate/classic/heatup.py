"""How long it takes to warm a room: the minutes per degree, learned from its own heat-ups."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.climate.classic.line import Line
from gateway.climate.saved import number

_USUAL_K = 16.0
_SHORTEST_RISE_K = 0.8
_LEAST_RISE_K, _LONG_MIN = 0.2, 60.0  # a small rise that took so long is no noise
_LONGEST_MIN = 720.0
_REST_S = 1800.0  # the heat that is still in the emitter may do the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitter:
    """What is assumed of a room before it was seen: the delay until heat is felt, minutes per degree at 16 K above
    the outside, and how much more of them there are at 32 K; each with what it may be off by (minutes)."""

    minutes: tuple[float, float, float]
    spread: tuple[float, float, float]


EMITTERS: Mapping[str, Emitter] = {
    "radiator": Emitter(minutes=(10.0, 30.0, 15.0), spread=(5.0, 20.0, 15.0)),
    "electric": Emitter(minutes=(5.0, 30.0, 15.0), spread=(5.0, 20.0, 15.0)),
    "floor": Emitter(minutes=(60.0, 150.0, 60.0), spread=(30.0, 70.0, 50.0)),
}


@dataclass(slots=True)
class _Run:
    began_s: float
    full_s: float
    from_c: float
    top_c: float
    goal_c: float


class HeatUp:
    """minutes = delay + K x (a + b x cold), cold being 0 at 16 K between the goal and the outside."""

    def __init__(self, emitter: str) -> None:
        prior = EMITTERS[emitter]
        self._line = Line(prior.minutes, prior.spread, noise=10.0)
        self._run: _Run | None = None
        self.longest_k = 0.0
        """The longest rise it was learned from."""

    @property
    def learned(self) -> bool:
        return self._line.count > 0

    def per_degree(self, goal_c: float, outdoor_c: float) -> float:
        """Minutes for each kelvin."""
        return max(self._line.mean((0.0, 1.0, _cold(goal_c, outdoor_c))), 1.0)

    def needs(self, from_c: float, goal_c: float, outdoor_c: float) -> tuple[float, float]:
        """Minutes until `goal_c` is measured, and one standard deviation of that."""
        rise = goal_c - from_c
        if rise <= 0:
            return 0.0, 0.0
        x = (1.0, rise, rise * _cold(goal_c, outdoor_c))
        return min(max(self._line.mean(x), rise), _LONGEST_MIN), self._line.spread(x)

    def watch(self, temp_c: float, goal_c: float, outdoor_c: float, mono_s: float, *, full: bool) -> None:
        """Learns from every heat-up at full power, also from one that ends short of its goal: what a weak heater did
        reach tells how long the rest would have taken."""
        run = self._run
        if run is None:
            if full and temp_c < goal_c:
                self._run = _Run(began_s=mono_s, full_s=mono_s, from_c=temp_c, top_c=temp_c, goal_c=goal_c)
            return
        if full:
            run.full_s, run.top_c = mono_s, temp_c
        if temp_c >= run.goal_c:
            self._ended(run, run.goal_c - run.from_c, outdoor_c, mono_s - run.began_s)
        elif mono_s - run.full_s > _REST_S:
            self._ended(run, run.top_c - run.from_c, outdoor_c, run.full_s - run.began_s)

    def give_up(self) -> None:
        """This one is not like others: a window is open, or nothing is measured."""
        self._run = None

    def _ended(self, run: _Run, rise: float, outdoor_c: float, lasted_s: float) -> None:
        self._run = None
        minutes = min(lasted_s / 60.0, _LONGEST_MIN)
        if rise >= _SHORTEST_RISE_K or (rise >= _LEAST_RISE_K and minutes >= _LONG_MIN):
            self._line.learn((1.0, rise, rise * _cold(run.goal_c, outdoor_c)), minutes)
            self.longest_k = max(self.longest_k, rise)

    def snapshot(self) -> dict[str, object]:
        return {**self._line.snapshot(), "longest_k": self.longest_k}

    def restore(self, saved: Mapping[str, object]) -> None:
        self._line.restore(saved)
        self.longest_k = (number(saved, "longest_k", 0.0) or 0.0) if self.learned else 0.0


def _cold(goal_c: float, outdoor_c: float) -> float:
    return (goal_c - outdoor_c - _USUAL_K) / _USUAL_K
