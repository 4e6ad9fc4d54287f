"""What every inference took: per model and backend, for the page, the metrics and the gates."""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

WINDOW = 512
"""Inferences that the quantiles look back on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Of one model on one backend since the start. `count` is of answers, `errors` of inferences without one.
    Quantiles are over the last `WINDOW` answers, in seconds; NaN-free: 0.0 before the first."""

    count: int = 0
    errors: int = 0
    total_s: float = 0.0
    p50_s: float = 0.0
    p95_s: float = 0.0
    wait_p50_s: float = 0.0
    wait_p95_s: float = 0.0
    last_error: str = ""


@dataclass(slots=True)
class _Tally:
    count: int = 0
    errors: int = 0
    total_s: float = 0.0
    last_error: str = ""
    took_s: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))
    waited_s: deque[float] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def copy(self) -> "_Tally":
        return _Tally(self.count, self.errors, self.total_s, self.last_error, self.took_s.copy(), self.waited_s.copy())


class Meters:
    """Thread-safe; `took` is called by the thread that ran the model and costs microseconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tallies: dict[tuple[str, str], _Tally] = {}

    def took(self, model: str, backend: str, *, took_s: float, waited_s: float = 0.0) -> None:
        with self._lock:
            tally = self._tally(model, backend)
            tally.count += 1
            tally.total_s += took_s
            tally.took_s.append(took_s)
            tally.waited_s.append(waited_s)

    def failed(self, model: str, backend: str, key: str) -> None:
        with self._lock:
            tally = self._tally(model, backend)
            tally.errors += 1
            tally.last_error = key

    def all(self) -> Mapping[tuple[str, str], Taken]:
        """By (model, backend); backend is "cpu", "tpu" or "onnx"."""
        with self._lock:
            kept = {key: tally.copy() for key, tally in self._tallies.items()}
        return {key: _summed(tally) for key, tally in kept.items()}

    def _tally(self, model: str, backend: str) -> _Tally:
        return self._tallies.setdefault((model, backend), _Tally())


def quantile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank quantile of values in ascending order; 0.0 of none."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def _summed(tally: _Tally) -> Taken:
    took, waited = sorted(tally.took_s), sorted(tally.waited_s)
    return Taken(
        count=tally.count,
        errors=tally.errors,
        total_s=tally.total_s,
        p50_s=quantile(took, 0.5),
        p95_s=quantile(took, 0.95),
        wait_p50_s=quantile(waited, 0.5),
        wait_p95_s=quantile(waited, 0.95),
        last_error=tally.last_error,
    )
