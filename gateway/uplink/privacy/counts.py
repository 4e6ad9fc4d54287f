"""Counts of events with noise: nobody can tell from them whether one event happened or not.

The geometric mechanism (Ghosh, Roughgarden & Sundararajan 2009): discrete Laplace noise of scale 1 / epsilon on each
count, for a sensitivity of one. Kinds that did not happen are told as well, with noise: their absence would speak.
"""

import secrets
from collections.abc import Sequence

from gateway.types import Kind
from gateway.uplink.privacy.laplace import Below, discrete_laplace
from gateway.uplink.privacy.ledger import Ledger
from gateway.wire.summary import EventCount, Summary


class PrivateCounts:
    """What is protected is one event an hour, whole days at a time: two days that differ by at most one event in each
    hour look alike within a factor of exp(epsilon_per_day)."""

    def __init__(self, ledger: Ledger, below: Below = secrets.randbelow) -> None:
        self.ledger = ledger
        self._below = below

    def blur(self, hour: int, told: Sequence[Summary]) -> tuple[Summary, ...]:
        """`told` with noisy counts in place of exact ones; without any where the hour was told before."""
        exact = {one.of: one.count for one in told if isinstance(one, EventCount)}
        others = tuple(one for one in told if not isinstance(one, EventCount))
        return (
            (*others, *(self._noisy(hour, kind, exact.get(kind, 0)) for kind in Kind))
            if self.ledger.pay(hour)
            else others
        )

    def _noisy(self, hour: int, kind: Kind, count: int) -> Summary:
        noise = discrete_laplace(1 / self.ledger.epsilon_an_hour, self._below)
        return EventCount(hour=hour, of=kind, count=max(count + noise, 0), noisy=True)
