"""Every model that is ready, in every runtime that has it: CPU time turn by turn, memory each in its own process."""

import os
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from gateway.app.bench.footprint import footprint_mb
from gateway.app.bench.measure import interleaved
from gateway.app.bench.ready import Ready, exported, question, ready_models
from gateway.app.bench.rows import Row
from gateway.errors import Transient
from gateway.models.backends import backend_for
from gateway.models.tpu.process import TpuChild

NAME = "inference"
ABOUT = "CPU milliseconds an inference and memory, each ready model, runtimes and the child process side by side"

ONNX_FOLDER = "HEARTHGATE_ONNX"
"""A folder that `python -m services.factory onnx` wrote; its models are measured beside ours."""

_ROUNDS = 40
_WARM_UP = 3
_PATIENCE_S = 30.0


def run(progress: Callable[[str], None]) -> list[Row]:
    """Medians; "process" is the same TFLite file in the accelerator's child process, both processes counted."""
    onnx = exported(Path(os.environ[ONNX_FOLDER])) if ONNX_FOLDER in os.environ else []
    rows: list[Row] = []
    for model in ready_models():
        forms = [model, *(other for other in onnx if other.card.id == model.card.id)]
        progress(f"inference: {model.card.id}")
        rows += _times(forms)
        rows += _memory(forms)
    return rows


def _times(forms: list[Ready]) -> list[Row]:
    with ExitStack() as stack:
        variants = {form.name: _here(stack, form) for form in forms}
        variants |= {f"{form.card.id} process": _there(stack, form) for form in forms if form.card.backend == "litert"}
        interleaved(variants, _WARM_UP)
        taken = interleaved(variants, _ROUNDS)
    return [_row(name, statistics.median(times) * 1e3, "ms CPU") for name, times in taken.items()]


def _here(stack: ExitStack, form: Ready) -> Callable[[], float]:
    backend = backend_for(form.card)
    backend.load(form.card, form.file)
    stack.callback(backend.close)
    return partial(_cost_s, time.process_time, partial(backend.infer, question(form.card)))


def _there(stack: ExitStack, form: Ready) -> Callable[[], float]:
    child = TpuChild("")
    stack.callback(child.close)
    child.start()
    with form.file.open("rb") as stream:
        child.load(form.card, stream.fileno(), _PATIENCE_S)
    asked = question(form.card)

    def both_s() -> float:
        return time.process_time() + _cpu_s(child.pid)

    return partial(_cost_s, both_s, lambda: child.infer(form.card.id, asked, _PATIENCE_S))


def _cost_s(clock: Callable[[], float], work: Callable[[], object]) -> float:
    began = clock()
    work()
    return clock() - began


def _cpu_s(pid: int) -> float:
    """Processor time of all threads of another process: its CPU-time clock, see clock_getcpuclockid(3)."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError as error:
        raise Transient("bench_process_gone", pid=pid, cause=error.strerror or "unknown") from None


def _memory(forms: list[Ready]) -> list[Row]:
    found = {form.name: footprint_mb(form) for form in forms}
    return [
        row
        for name, (runtime_mb, model_mb) in found.items()
        for row in (_row(f"{name} memory", model_mb, "MB"), _row(f"{name} runtime memory", runtime_mb, "MB"))
    ]


def _row(name: str, value: float, unit: str) -> Row:
    return Row(name=name, value=value, unit=unit, goal=None, holds=None)
