"""How late the event loop is while every model runs without a pause."""

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from gateway.app.bench.ready import Ready, question, ready_models
from gateway.app.bench.rows import Row
from gateway.app.run import SWITCH_INTERVAL_S
from gateway.errors import GatewayError
from gateway.flow.clock import SystemClock
from gateway.flow.lag import Lag
from gateway.models.backends import backend_for

NAME = "loop-lag"
ABOUT = "milliseconds that the event loop is late while all ready models run without a pause on the daemon's threads"

_EVERY_S = 0.005
_SECONDS = 10.0
_GOAL_MS = 20.0
_JUDGED = "late p99"
_ON_THE_FACE_THREAD = {"face_detector", "face_embedder"}


def run(progress: Callable[[str], None]) -> list[Row]:
    """With the daemon's own switch interval. The machine's other work is in the idle figure as well. The goal is for
    the daemon's threads, the face models taking turns on one; a thread for every model is more than ever happens."""
    models = ready_models()
    faces = [model for model in models if model.card.role in _ON_THE_FACE_THREAD]
    others = [[model] for model in models if model not in faces]
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        idle = _measured("idle", [], progress)
        as_is = _measured("as the daemon", [faces, *others] if faces else others, progress)
        apart = _measured("a thread each", [[model] for model in models], progress)
    finally:
        sys.setswitchinterval(before)
    held = next(row for row in as_is if row.name.startswith(_JUDGED))
    holds = held.value <= _GOAL_MS
    return [
        replace(held, goal=f"<= {_GOAL_MS:g}", holds=holds),
        *(row for row in (*as_is, *apart, *idle) if row != held),
    ]


def _measured(told: str, threads: Sequence[Sequence[Ready]], progress: Callable[[str], None]) -> list[Row]:
    progress(f"loop-lag: {told}")
    with _at_work(threads) as answers:
        lag = asyncio.run(_lag())
    shares = {_JUDGED: 0.99, "late p50": 0.5, "late max": 1.0}
    rows = [_row(f"{name}, {told}", lag.quantile_s(share) * 1e3, "ms") for name, share in shares.items()]
    return [*rows, _row(f"inferences, {told}", sum(answers.values()), "answers")] if threads else rows


async def _lag() -> Lag:
    lag = Lag(SystemClock(), every_s=_EVERY_S, window=int(_SECONDS / _EVERY_S))
    task = asyncio.create_task(lag.run(), name="lag")
    await asyncio.sleep(_SECONDS)
    task.cancel()
    await asyncio.wait([task])
    return lag


@contextmanager
def _at_work(threads: Sequence[Sequence[Ready]]) -> Generator[Counter[str]]:
    """Each thread asks its models in turn, without a pause; all are loaded before the block begins. How often each has
    answered. Raises what `Backend.load` raises."""
    stop, answers = threading.Event(), Counter[str]()

    def work(models: Sequence[Ready], loaded: Future[None]) -> None:
        try:
            asks = [(model.name, _loaded(model)) for model in models]
        except GatewayError as error:
            loaded.set_exception(error)
            return
        loaded.set_result(None)
        while not stop.is_set():
            for name, ask in asks:
                ask()
                answers[name] += 1

    given = [(models, Future[None]()) for models in threads]
    running = [threading.Thread(target=work, args=one, name=f"bench/{one[0][0].card.id}") for one in given]
    for thread in running:
        thread.start()
    try:
        for _, loaded in given:
            loaded.result()
        yield answers
    finally:
        stop.set()
        for thread in running:
            thread.join()


def _loaded(model: Ready) -> Callable[[], object]:
    backend = backend_for(model.card)
    backend.load(model.card, model.file)
    return partial(backend.infer, question(model.card))


def _row(name: str, value: float, unit: str) -> Row:
    return Row(name=name, value=value, unit=unit, goal=None, holds=None)
