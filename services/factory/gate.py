"""No model leaves the factory that is less good than it has to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from gateway.errors import Refused
from gateway.models import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """`metric` names a column of the report; more is better."""

    metric: str
    at_least: float

    def holds(self, metrics: Mapping[str, float]) -> bool:
        """A figure that is missing or not a number does not pass."""
        value = metrics.get(self.metric)
        return value is not None and isfinite(value) and value >= self.at_least


def failed(metrics: Mapping[str, float], gates: Sequence[Gate]) -> tuple[Gate, ...]:
    return tuple(gate for gate in gates if not gate.holds(metrics))


def release(file: Path, data: bytes, metrics: Mapping[str, float], gates: Sequence[Gate]) -> None:
    """Write the model only if every gate holds. Raises `Refused("gate_failed")` otherwise, and what `files.write`
    raises; then no file of that name is left, also not an older one."""
    broken = failed(metrics, gates)
    if broken:
        file.unlink(missing_ok=True)
        told = ", ".join(f"{g.metric} {metrics.get(g.metric, float('nan')):.5g} < {g.at_least:g}" for g in broken)
        raise Refused("gate_failed", model=file.stem, failed=told)
    files.write(file, data)
