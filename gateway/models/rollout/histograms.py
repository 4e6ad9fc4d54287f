"""Distributions in constant memory, as JSON: how long inferences take and how sure they are."""

import math
from dataclasses import dataclass, field

from gateway.models.rollout.statistics import quantile_ranks

_GROWTH = math.log(1.05)
_SHORTEST_S = 1e-5
_LAST = 320
"""Buckets of 5 % each from 10 µs: the last one begins at a minute."""

BINS = 10


@dataclass(slots=True, kw_only=True)
class Latencies:
    """Counts by bucket of 5 % width."""

    counts: dict[int, int] = field(default_factory=dict)
    total: int = 0

    def add(self, took_s: float) -> None:
        bucket = min(_LAST, max(0, int(math.log(max(took_s, _SHORTEST_S) / _SHORTEST_S) / _GROWTH)))
        self.counts[bucket] = self.counts.get(bucket, 0) + 1
        self.total += 1

    def quantile(self, q: float) -> float:
        """Seconds, 0.0 while empty."""
        return self._at(self.total * q)

    def bounds(self, q: float) -> tuple[float, float]:
        """Seconds between which the true quantile lies."""
        low, high = quantile_ranks(self.total, q)
        return self._at(low), self._at(high)

    def _at(self, rank: float) -> float:
        """Interpolated within the bucket that holds the rank."""
        passed = 0
        for bucket in sorted(self.counts):
            inside = self.counts[bucket]
            if passed + inside >= rank:
                part = max(0.0, rank - passed) / inside
                return _SHORTEST_S * math.exp(_GROWTH * (bucket + part))
            passed += inside
        return 0.0


@dataclass(slots=True, kw_only=True)
class Scores:
    """Counts of scores in [0, 1] by tenths."""

    counts: list[int] = field(default_factory=lambda: [0] * BINS)

    def add(self, score: float) -> None:
        self.counts[min(BINS - 1, max(0, int(score * BINS)))] += 1
