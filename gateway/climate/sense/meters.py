"""Light and power as cues: high or low for this room, and worth what the room taught."""

from collections.abc import Mapping

from gateway.climate import saved as kept
from gateway.climate.sense import weights
from gateway.climate.sense.level import Floor, Reach
from gateway.climate.sense.tally import Tally

_DAY_S = 86400.0
_DT_MAX_S = 3600.0


class Light:
    """Lit or dark, by the share of what this room reaches when it is lit."""

    def __init__(self) -> None:
        self._reach = Reach(start=450.0, least=30.0, grow_s=6 * 3600.0, fade_s=10 * _DAY_S)
        self._tally = Tally(weights.BRIGHT_OCCUPIED, weights.BRIGHT_EMPTY, prior=0.3, trust_s=_DAY_S)

    def step(self, lux: float, others: float, dt_s: float) -> float:
        """Log-odds of presence; `others` is what all the other cues believe, 0..1."""
        dt_s = min(dt_s, _DT_MAX_S)
        bright = lux > 0.6 * self._reach.step(lux, dt_s)
        said = self._tally.evidence(bright)
        self._tally.learn(bright, others, dt_s)
        return said

    def snapshot(self) -> dict[str, object]:
        return {"reach": self._reach.snapshot(), "tally": self._tally.snapshot()}

    def restore(self, saved: Mapping[str, object]) -> None:
        self._reach.restore(kept.mapping(saved, "reach"))
        self._tally.restore(kept.mapping(saved, "tally"))


class Power:
    """Whether people use power, above what the home draws by itself."""

    def __init__(self) -> None:
        self._floor = Floor(start=300.0, creep_per_day=20.0)
        self._tally = Tally(occupied=0.6, empty=0.15, prior=0.3, trust_s=_DAY_S)

    def step(self, watts: float, others: float, dt_s: float) -> float:
        """Log-odds of presence; `others` is what all the other cues believe, 0..1."""
        dt_s = min(dt_s, _DT_MAX_S)
        floor = self._floor.step(watts, dt_s)
        busy = watts > floor + max(60.0, 0.5 * floor)
        said = self._tally.evidence(busy)
        self._tally.learn(busy, others, dt_s)
        return said

    def snapshot(self) -> dict[str, object]:
        return {"floor": self._floor.snapshot(), "tally": self._tally.snapshot()}

    def restore(self, saved: Mapping[str, object]) -> None:
        self._floor.restore(kept.mapping(saved, "floor"))
        self._tally.restore(kept.mapping(saved, "tally"))
