"""Conditions that last: how long nobody is at home, how long a window may stop the heat."""

from collections.abc import Mapping

from gateway.climate import saved as kept
from gateway.climate.words import Moment


class Lasting:
    """For how long something has been so."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._now_s = 0.0

    def step(self, now: Moment, *, so: bool) -> float | None:
        """Seconds since it became so, None while it is not."""
        self._now_s = now.mono_s
        if not so:
            self._since_s = None
            return None
        if self._since_s is None:
            self._since_s = now.mono_s
        return now.mono_s - self._since_s

    def snapshot(self) -> dict[str, object]:
        return {} if self._since_s is None else {"lasting_s": self._now_s - self._since_s}

    def restore(self, saved: Mapping[str, object], now: Moment) -> None:
        lasting_s = kept.number(saved, "lasting_s", low=0.0)
        self._since_s = None if lasting_s is None else now.mono_s - lasting_s
