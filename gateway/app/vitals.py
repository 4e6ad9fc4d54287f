"""One look at the gateway itself: what an hour of it comes to is told to the hub."""

import os
import resource
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from gateway import __version__
from gateway.flow.board import Board, Counters
from gateway.flow.meters import Meters, Taken
from gateway.health.heat import temperatures
from gateway.models.registry import ModelRegistry
from gateway.types import Level
from gateway.uplink.summaries.vitals import ModelNow, Now
from gateway.web.parts import ModelView

_STATM = Path("/proc/self/statm")
_MB = 1 << 20


class Look:
    """Called in the loop once an hour: it reads a few small files of the kernel."""

    def __init__(
        self,
        *,
        board: Board,
        counters: Counters,
        meters: Meters,
        models: Callable[[], "tuple[ModelView, ...]"],
        registry: ModelRegistry,
        data_dir: Path,
    ) -> None:
        self._board = board
        self._counters = counters
        self._meters = meters
        self._models = models
        self._registry = registry
        self._data_dir = data_dir
        self._began_s = time.monotonic()

    def __call__(self) -> Now:
        levels = [state.level for state in self._board.all().values()]
        counts = self._counters.all()
        disk = os.statvfs(self._data_dir)
        return Now(
            version=__version__,
            uptime_s=time.monotonic() - self._began_s,
            cpu_s=time.process_time(),
            rss_mb=_rss_mb(),
            disk_free_mb=disk.f_bavail * disk.f_frsize / _MB,
            temp_c=max(temperatures().values(), default=None),
            parts_degraded=levels.count(Level.DEGRADED),
            parts_down=levels.count(Level.DOWN),
            camera_bytes=sum(
                count for name, count in counts.items() if name.startswith("camera.") and name.endswith(".bytes")
            ),
            uplink_bytes=counts.get("uplink.bytes", 0),
            models=self._each_model(),
        )

    def _each_model(self) -> Mapping[str, ModelNow]:
        taken = self._meters.all()
        return {view.id: self._model(view, taken) for view in self._models() if view.phase == "serving"}

    def _model(self, view: ModelView, taken: Mapping[tuple[str, str], Taken]) -> ModelNow:
        mine = {backend: one for (model, backend), one in taken.items() if model == (view.metered or view.id)}
        now = mine.get(view.backend, Taken())
        return ModelNow(
            serial=self._registry.card(view.id).serial,
            inferences=sum(one.count for one in mine.values()),
            failures=sum(one.errors for one in mine.values()),
            p95_ms=now.p95_s * 1e3,
        )


def _rss_mb() -> float:
    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / _MB
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
