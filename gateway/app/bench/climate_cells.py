"""Runs of the house bench by the hundred: kept in files as they end, so that whoever stops can go on."""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

from gateway.app.eval_climate_judge import Judge
from gateway.app.eval_climate_pilot import Pilot
from gateway.app.places import data_home
from gateway.errors import Refused

Cell = tuple[str, Mapping[str, Any]]
"""What is asked ("auto" or "classic" control, "tune", "perfect") and the job."""

_POLITENESS = 5
_ROOT = Path(__file__).resolve().parents[3]


def houses() -> list[Path]:
    """The public ones, or those named in HEARTHGATE_CLIMATE_HOUSES (`a,b`). Raises `Refused`."""
    found = sorted((_ROOT / "config" / "houses").glob("*.yaml"))
    named = os.environ.get("HEARTHGATE_CLIMATE_HOUSES")
    if named:
        found = [file for file in found if file.stem in named.split(",")]
    if not found:
        raise Refused("bench_needs_houses", folder="config/houses", named=named or "")
    return found


def dutch_weather() -> Path | None:
    """HEARTHGATE_CLIMATE_WEATHER, or the research data beside a checkout."""
    given = os.environ.get("HEARTHGATE_CLIMATE_WEATHER")
    file = Path(given) if given else _ROOT.parent / "shared" / "data" / "weather_assendorp" / "weather.csv"
    return file if file.is_file() else None


def folder() -> Path:
    return data_home() / "climate-bench"


def workers() -> ProcessPoolExecutor:
    """One a core, behind whatever else the machine does."""
    # Threads of its own for matrices this small cost each worker more than they bring, and the other workers' cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    os.nice(_POLITENESS)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """Whoever kills the bench does not want its workers to wait for more."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def lived(cells: Sequence[Cell], progress: Callable[[str], None]) -> list[dict[str, Any]]:
    """The result of each, in order; those found before by the same code are not run again."""
    kept = folder()
    kept.mkdir(parents=True, exist_ok=True)
    known = code()
    files = [kept / f"cell-{_digest(cell, known)}.json" for cell in cells]
    missing = [(cell, file) for cell, file in zip(cells, files, strict=True) if not file.is_file()]
    progress(f"climate: {len(cells)} runs, {len(cells) - len(missing)} of them known")
    began = time.monotonic()
    with workers() as pool:
        running = [pool.submit(_live, cell, file) for cell, file in missing]
        for done, future in enumerate(as_completed(running), 1):
            _finish(future, running)
            left_min = (time.monotonic() - began) / done * (len(missing) - done) / 60
            progress(f"climate: {done} of {len(missing)} runs, {left_min:.0f} min left")
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def _finish(future: "Future[None]", running: Sequence["Future[None]"]) -> None:
    error = future.exception()
    if error is not None:
        for other in running:
            other.cancel()
        raise error


def _live(cell: Cell, file: Path) -> None:
    result = run_cell(cell)
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(result), encoding="utf-8")
    fresh.replace(file)


def run_cell(cell: Cell) -> dict[str, Any]:
    what, job = cell
    if what in {"tune", "perfect"}:
        with Judge(what, folder()) as judge:
            return judge.ask(job, what)
    ticks: list[float] = []
    with Judge() as judge:
        verdict = judge.run(job, lambda hello: _timed(Pilot(hello, what), ticks))
    ticks.sort()
    return {**verdict, "tick_ms": {share: 1000 * ticks[int(len(ticks) * share)] for share in (0.5, 0.99)}} | {
        "longest_tick_ms": 1000 * ticks[-1]
    }


def _timed(pilot: Pilot, ticks: list[float]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """CPU seconds of each answer; others use this machine too."""

    def answer(told: Mapping[str, Any]) -> dict[str, Any]:
        began = time.thread_time()
        said = pilot.answer(told)
        ticks.append(time.thread_time() - began)
        return said

    return answer


def _digest(cell: Cell, known: bytes) -> str:
    what, job = cell
    digest = hashlib.sha256(json.dumps([what, dict(job)], sort_keys=True).encode() + known)
    for name in (job["house"], job["weather"]):
        if Path(name).is_file():
            digest.update(Path(name).read_bytes())
    return digest.hexdigest()[:24]


def code() -> bytes:
    """All that a result depends on beside its job."""
    digest = hashlib.sha256()
    for part in ("gateway/climate", "gateway/config", "services/simhouse/bench"):
        for file in sorted((_ROOT / part).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.digest()
