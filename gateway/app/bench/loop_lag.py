"""How late the event loop is while every model runs without a pause, each on a thread of its own."""

import asyncio
import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager

from gateway.app.bench.ready import Ready, question, ready_models
from gateway.app.bench.rows import Row
from gateway.app.run import SWITCH_INTERVAL_S
from gateway.errors import GatewayError
from gateway.flow.clock import SystemClock
from gateway.flow.lag import Lag
from gateway.models.backends import backend_for

NAME = "loop-lag"
ABOUT = "milliseconds that the event loop is late while all ready models run at once, each on its own thread"

_EVERY_S = 0.005
_SECONDS = 15.0
_GOAL_MS = 20.0


def run(progress: Callable[[str], None]) -> list[Row]:
    """With the daemon's own switch interval. The machine's other work is in the idle figure as well."""
    models = ready_models()
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        progress("loop-lag: idle")
        idle = asyncio.run(_lag())
        progress(f"loop-lag: {len(models)} models at once")
        with _at_work(models) as answers:
            busy = asyncio.run(_lag())
    finally:
        sys.setswitchinterval(before)
    p99_ms = busy.quantile_s(0.99) * 1e3
    return [
        Row(name="late p99, all models", value=p99_ms, unit="ms", goal=f"<= {_GOAL_MS:g}", holds=p99_ms <= _GOAL_MS),
        *(_row(f"late {told}, all models", busy.quantile_s(share) * 1e3) for told, share in (("p50", 0.5), ("max", 1))),
        *(_row(f"late {told}, idle", idle.quantile_s(share) * 1e3) for told, share in (("p50", 0.5), ("p99", 0.99))),
        Row(name="inferences meanwhile", value=sum(answers.values()), unit="answers", goal=None, holds=None),
    ]


async def _lag() -> Lag:
    lag = Lag(SystemClock(), every_s=_EVERY_S, window=int(_SECONDS / _EVERY_S))
    task = asyncio.create_task(lag.run(), name="lag")
    await asyncio.sleep(_SECONDS)
    task.cancel()
    await asyncio.wait([task])
    return lag


@contextmanager
def _at_work(models: list[Ready]) -> Generator[dict[str, int]]:
    """All loaded before the block begins; how often each has answered."""
    stop, answers = threading.Event(), {model.name: 0 for model in models}

    def work(model: Ready, loaded: Future[None]) -> None:
        try:
            backend = backend_for(model.card)
            backend.load(model.card, model.file)
            asked = question(model.card)
        except GatewayError as error:
            loaded.set_exception(error)
            return
        loaded.set_result(None)
        while not stop.is_set():
            backend.infer(asked)
            answers[model.name] += 1

    at_work = [(model, Future[None]()) for model in models]
    threads = [threading.Thread(target=work, args=given, name=f"bench/{given[0].card.id}") for given in at_work]
    for thread in threads:
        thread.start()
    try:
        for _, loaded in at_work:
            loaded.result()
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _row(name: str, value: float) -> Row:
    return Row(name=name, value=value, unit="ms", goal=None, holds=None)
