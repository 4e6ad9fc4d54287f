"""What the accelerator's process costs: the same model asked there and in this process, turn by turn."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gateway.app.bench.measure import interleaved
from gateway.app.bench.pool_model import pool_model, question
from gateway.app.bench.rows import Row
from gateway.models.litert import LiteRtBackend
from gateway.models.tpu.process import TpuChild
from gateway.wire.model_card import ModelCard

NAME = "worker"
ABOUT = "what the child process that holds the accelerator adds to a call with a 128x128x3 input, in ms"

_ROUNDS = 5000
_WARM_UP = 200
_GOAL_MS = 0.5
_PATIENCE_S = 20.0


def run(progress: Callable[[str], None]) -> list[Row]:
    """The child runs the model on the processor, as this process does, so the difference is the way there and back:
    two copies each way, one of them into shared memory, two messages, two changes of process."""
    with tempfile.TemporaryDirectory(prefix="hearthgate-bench-") as folder:
        return _measured(*pool_model(Path(folder)), progress)


def _measured(card: ModelCard, file: Path, progress: Callable[[str], None]) -> list[Row]:
    here, there = LiteRtBackend(), TpuChild("")
    try:
        here.load(card, file)
        there.start()
        with file.open("rb") as stream:
            there.load(card, stream.fileno(), _PATIENCE_S)
        picture, _ = question(np.random.default_rng(1))
        variants = {
            "here": lambda: _timed(lambda: here.infer([picture])),
            "there": lambda: _timed(lambda: there.infer(card.id, [picture], _PATIENCE_S)),
        }
        interleaved(variants, _WARM_UP)
        progress(f"{_ROUNDS} calls of each, turn by turn")
        taken = interleaved(variants, _ROUNDS)
    finally:
        here.close()
        there.close()
    return _rows(taken["here"], taken["there"])


def _rows(here: list[float], there: list[float]) -> list[Row]:
    rows = []
    for name, share in (("p50", 50), ("p95", 95)):
        ours, theirs = _quantile(here, share), _quantile(there, share)
        added = theirs - ours
        rows += [
            Row(name=f"in this process, {name}", value=ours, unit="ms", goal=None, holds=None),
            Row(name=f"in the child, {name}", value=theirs, unit="ms", goal=None, holds=None),
            Row(name=f"added, {name}", value=added, unit="ms", goal=f"<= {_GOAL_MS}", holds=added <= _GOAL_MS),
        ]
    return rows


def _quantile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000
