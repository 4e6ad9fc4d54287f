"""What every inference took: per model and backend, for the page, the metrics and the gates."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Of one model on one backend since the start. Quantiles are over the last `WINDOW` inferences, in seconds;
    NaN-free: 0.0 before the first."""

    count: int = 0
    errors: int = 0
    total_s: float = 0.0
    p50_s: float = 0.0
    p95_s: float = 0.0
    wait_p50_s: float = 0.0
    wait_p95_s: float = 0.0
    last_error: str = ""


class Meters:
    """Thread-safe; `took` is called by the thread that ran the model and costs microseconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def took(self, model: str, backend: str, *, took_s: float, waited_s: float = 0.0) -> None:
        raise NotImplementedError

    def failed(self, model: str, backend: str, key: str) -> None:
        raise NotImplementedError

    def all(self) -> Mapping[tuple[str, str], Taken]:
        """By (model, backend); backend is "cpu", "tpu" or "onnx"."""
        raise NotImplementedError
