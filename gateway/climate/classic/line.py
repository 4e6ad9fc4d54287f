"""A line that is learned from few, doubtful examples."""

import math
from collections.abc import Mapping, Sequence

from gateway.climate import saved as kept

_OUTLIER = 2.5
_NOISE_SHARE = 0.2


class Line:
    """y = w . x by recursive least squares from a prior (mean and standard deviation of each weight), as a Kalman
    filter whose weights may drift by `drift` standard deviations of the prior between examples: what was learned in
    autumn does not hold in January. An example that lies more than 2.5 spreads off counts as if it lay there."""

    def __init__(self, mean: Sequence[float], spread: Sequence[float], noise: float, drift: float = 0.1) -> None:
        self._weights = list(mean)
        self._cov = [[a * a if i == j else 0.0 for j in range(len(mean))] for i, a in enumerate(spread)]
        self._drift = [(drift * a) ** 2 for a in spread]
        self._noise2 = noise * noise
        self.count = 0

    def mean(self, x: Sequence[float]) -> float:
        return sum(w * v for w, v in zip(self._weights, x, strict=True))

    def spread(self, x: Sequence[float]) -> float:
        """One standard deviation of a new example."""
        return math.sqrt(sum(g * v for g, v in zip(self._gain(x), x, strict=True)) + self._noise2)

    def learn(self, x: Sequence[float], y: float) -> None:
        for place, drift in enumerate(self._drift):
            self._cov[place][place] += drift
        gain = self._gain(x)
        total2 = sum(g * v for g, v in zip(gain, x, strict=True)) + self._noise2
        limit = _OUTLIER * math.sqrt(total2)
        error = min(max(y - self.mean(x), -limit), limit)
        self._weights = [w + g / total2 * error for w, g in zip(self._weights, gain, strict=True)]
        self._cov = [
            [c - gi * gj / total2 for c, gj in zip(row, gain, strict=True)]
            for row, gi in zip(self._cov, gain, strict=True)
        ]
        self._noise2 += _NOISE_SHARE * (error * error * self._noise2 / total2 - self._noise2)
        self.count += 1

    def _gain(self, x: Sequence[float]) -> list[float]:
        return [sum(c * v for c, v in zip(row, x, strict=True)) for row in self._cov]

    def snapshot(self) -> dict[str, object]:
        cov = [row.copy() for row in self._cov]
        return {"weights": self._weights.copy(), "cov": cov, "noise2": self._noise2, "count": self.count}

    def restore(self, saved: Mapping[str, object]) -> None:
        """All or nothing: what is not a full set of finite numbers leaves the prior."""
        weights, cov = kept.numbers(saved, "weights"), saved.get("cov")
        rows = [kept.numbers({"row": row}, "row") for row in cov] if isinstance(cov, list) else []
        noise2, count = kept.number(saved, "noise2", 1e-9), kept.number(saved, "count", 0.0)
        size = len(self._weights)
        square = len(weights) == len(rows) == size and all(len(row) == size for row in rows)
        if square and noise2 is not None and count is not None and all(rows[i][i] > 0 for i in range(size)):
            self._weights, self._cov, self._noise2, self.count = weights, rows, noise2, int(count)
