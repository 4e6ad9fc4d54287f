"""How often a relay, a burner or a compressor may switch."""

from collections import deque
from collections.abc import Sequence

from gateway.config.climate import Limits

_HOUR_S = 3600.0


class RelayGuard:
    """Shortest on and off times and starts in any sliding hour. Only a hard limit ends the shortest on-time early; the
    last start of an hour is kept for guards. After a start of the gateway the relay counts as just switched off at the
    first step: that is when it is told so."""

    def __init__(self, limits: Limits) -> None:
        self.on = False
        self.changed_s: float | None = None
        self._limits = limits
        self._starts: deque[float] = deque(maxlen=limits.starts_per_hour)

    def step(self, want: bool, now_s: float, *, hard: bool = False, guard: bool = False) -> bool:
        """Whether it is on from now."""
        if self.changed_s is None:
            self.changed_s = now_s
        held_s = now_s - self.changed_s
        if self.on and not want and (hard or held_s >= self._limits.min_on_s):
            self.on, self.changed_s = False, now_s
        elif want and not self.on and held_s >= self._limits.min_off_s and self._may_start(now_s, guard=guard):
            self.on, self.changed_s = True, now_s
            self._starts.append(now_s)
        return self.on

    def went_off(self, at_s: float) -> None:
        """The device let go by itself: its lease ended."""
        if self.on:
            self.on, self.changed_s = False, at_s

    def _may_start(self, now_s: float, *, guard: bool) -> bool:
        most = self._limits.starts_per_hour
        allowed = most if guard or most == 1 else most - 1
        return sum(now_s - start < _HOUR_S for start in self._starts) < allowed

    def snapshot(self, now_s: float) -> Sequence[float]:
        """Ages of the last starts."""
        return [now_s - start for start in self._starts]

    def restore(self, ages: object, now_s: float, away_s: float) -> None:
        self.on, self.changed_s = False, None
        if isinstance(ages, Sequence):
            known = [age for age in ages if isinstance(age, int | float) and 0.0 <= age < _HOUR_S]
            self._starts.extend(now_s - away_s - age for age in sorted(known, reverse=True))
