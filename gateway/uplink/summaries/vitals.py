"""How the gateway itself and its models do, from counters that only grow: an hour is the difference of two looks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.wire.summary import GatewayHealth, ModelHealth, Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelNow:
    """Counts since the start; `p95_ms` of the last inferences."""

    serial: int
    inferences: int
    failures: int
    p95_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """One look at the gateway. `cpu_s`, the bytes and the counts of `models` grow from the start of the process on."""

    version: str
    uptime_s: float
    cpu_s: float
    rss_mb: float
    disk_free_mb: float
    temp_c: float | None = None
    parts_degraded: int = 0
    parts_down: int = 0
    camera_bytes: int = 0
    uplink_bytes: int = 0
    models: Mapping[str, ModelNow] = field(default_factory=dict)


Look = Callable[[], Now]


class Vitals:
    """`close` tells of the time since it was called last, or since the start; nothing of a model that was not asked."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._before = look()

    def close(self, hour: int) -> tuple[Summary, ...]:
        before, now = self._before, self._look()
        self._before = now
        models = (_model(hour, name, model, before.models.get(name)) for name, model in sorted(now.models.items()))
        return (_gateway(hour, before, now), *(model for model in models if model.inferences or model.failures))


def _gateway(hour: int, before: Now, now: Now) -> Summary:
    lived_s = max(now.uptime_s - before.uptime_s, 1.0)
    return GatewayHealth(
        hour=hour,
        version=now.version,
        uptime_s=round(now.uptime_s),
        cpu_share=round(min(max(now.cpu_s - before.cpu_s, 0.0) / lived_s, 1024.0), 4),
        rss_mb=round(now.rss_mb, 1),
        disk_free_mb=round(now.disk_free_mb),
        temp_c=None if now.temp_c is None else round(now.temp_c, 1),
        parts_degraded=now.parts_degraded,
        parts_down=now.parts_down,
        camera_bytes=max(now.camera_bytes - before.camera_bytes, 0),
        uplink_bytes=max(now.uplink_bytes - before.uplink_bytes, 0),
    )


def _model(hour: int, name: str, now: ModelNow, before: ModelNow | None) -> ModelHealth:
    """A version that came in between begins at 0."""
    same = before if before is not None and before.serial == now.serial else None
    return ModelHealth(
        hour=hour,
        model=name,
        serial=now.serial,
        inferences=max(now.inferences - (same.inferences if same else 0), 0),
        failures=max(now.failures - (same.failures if same else 0), 0),
        p95_ms=round(now.p95_ms, 2),
    )
