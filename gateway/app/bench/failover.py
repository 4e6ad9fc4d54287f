"""How soon the processor answers after the accelerator was broken, and whether any request is lost by it."""

import itertools
import logging
import os
import signal
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import numpy as np

from gateway.app.bench.pool_model import pool_model, question
from gateway.app.bench.rows import Row
from gateway.flow.board import Counters
from gateway.flow.clock import SystemClock
from gateway.flow.meters import Meters
from gateway.flow.supervise import Backoff
from gateway.models.litert import LiteRtBackend
from gateway.models.tpu.backend import FailoverBackend
from gateway.models.tpu.child import Array
from gateway.models.tpu.errors import TpuFailed
from gateway.models.tpu.host import TpuHost
from gateway.models.tpu.process import TpuChild
from gateway.wire.model_card import ModelCard

NAME = "failover"
ABOUT = "ms from breaking the accelerator to the first answer of the processor; requests lost over 1,000 faults"

FAULTS = {"killed": 250, "hung": 20, "stalled": 180, "failed": 550}
"""How often each is induced. A process that is killed or hangs for good has to be started anew, which is slow."""

_ASKERS = 3
_PACE_S = 0.004
_STALL_S = 0.15
_PATIENCE_S = 60.0
_GOAL_MS = 1000.0
_AT_ONCE = Backoff(first_s=0.001, most_s=0.001, refused_s=1.0, healthy_s=60.0)


def run(progress: Callable[[str], None]) -> list[Row]:
    """The accelerator's process runs a model on the processor here, so that this runs anywhere. It is killed
    (SIGKILL), stopped for good, stopped for a moment (SIGSTOP, SIGCONT) or made to fail one run, at random moments
    while three threads ask; every answer is compared with what its own question asks for."""
    with (
        _broken_on_purpose(),
        tempfile.TemporaryDirectory(prefix="hearthgate-bench-") as folder,
        _House(*pool_model(Path(folder))) as house,
    ):
        return _rows(house, _induced(house, FAULTS, progress))


@contextmanager
def _broken_on_purpose() -> Generator[None]:
    """Without a warning for every fault."""
    log = logging.getLogger("gateway.models.tpu")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


class _Child(TpuChild):
    """Fails the next run when told to."""

    fail_next = False

    def infer(self, model_id: str, inputs: Sequence[Array], timeout_s: float) -> tuple[Array, ...]:
        if self.fail_next:
            self.fail_next = False
            raise TpuFailed("tpu_invoke_failed")
        return super().infer(model_id, inputs, timeout_s)


class _Twin(LiteRtBackend):
    """Notes when it answered."""

    def __init__(self, moments: list[float]) -> None:
        super().__init__()
        self._moments = moments

    def infer(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
        outputs = super().infer(inputs)
        self._moments.append(time.monotonic())
        return outputs


class _House:
    """A host with a child and threads that ask, from entering to leaving."""

    def __init__(self, card: ModelCard, file: Path) -> None:
        self.asked: Counter[str] = Counter()
        self.moments: list[float] = []
        self.meters, self.counters = Meters(), Counters()
        self._card, self._file = card, file
        self._children: list[_Child] = []
        self._over = threading.Event()
        self._host = TpuHost(
            self._make,
            clock=SystemClock(),
            report=lambda _state: None,
            counters=self.counters,
            arrival=lambda: "bench",
            backoff=_AT_ONCE,
        )
        self._threads = ThreadPoolExecutor(_ASKERS, thread_name_prefix="bench-asks")

    def __enter__(self) -> "_House":
        self._host.start()
        self._asking = [self._threads.submit(self._ask, seed) for seed in range(_ASKERS)]
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            self._host.close()

    def stop(self) -> None:
        """No more questions; what the threads raised is raised."""
        self._over.set()
        self._threads.shutdown()
        for one in self._asking:
            one.result()

    @property
    def child(self) -> _Child:
        return self._children[-1]

    def answers(self, backend: str) -> int:
        taken = self.meters.all().get((self._card.id, backend))
        return 0 if taken is None else taken.count

    def served(self) -> None:
        """Wait for an answer of the accelerator."""
        before = self.answers("tpu")
        _until(lambda: self.answers("tpu") > before)

    def _make(self) -> TpuChild:
        self._children.append(_Child(""))
        return self.child

    def _ask(self, seed: int) -> None:
        source = np.random.default_rng(seed)
        backend = FailoverBackend(
            _Twin(self.moments), host=self._host, opened=lambda _file: nullcontext(self._file), meters=self.meters
        )
        backend.load(self._card, self._file)
        while not self._over.wait(_PACE_S):
            picture, wanted = question(source)
            (found,) = backend.infer([picture])
            self.asked["right" if np.array_equal(found, wanted) else "wrong"] += 1
        backend.close()


def _induced(house: _House, faults: dict[str, int], progress: Callable[[str], None]) -> dict[str, list[float]]:
    """Milliseconds to the first answer of the processor, by kind of fault."""
    order = np.random.default_rng(1).permutation([kind for kind, times in faults.items() for _ in range(times)])
    taken: dict[str, list[float]] = {kind: [] for kind in faults}
    for number, kind in enumerate(map(str, order)):
        house.served()
        taken[kind].append(_break(house, kind))
        if number % 100 == 99:
            progress(f"{number + 1} of {len(order)} faults")
    house.stop()
    return taken


def _break(house: _House, kind: str) -> float:
    """Break it once; milliseconds to the first answer of the processor after that."""
    answered, child = len(house.moments), house.child
    began = time.monotonic()
    match kind:
        case "killed":
            child.kill()
        case "failed":
            child.fail_next = True
        case _:
            os.kill(child.pid, signal.SIGSTOP)
    _until(lambda: len(house.moments) > answered)
    took_s = house.moments[answered] - began
    if kind == "stalled":
        time.sleep(max(0.0, _STALL_S - took_s))
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGCONT)
    return took_s * 1000


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError("the accelerator did not come back")
        time.sleep(0.0005)


def _rows(house: _House, taken: dict[str, list[float]]) -> list[Row]:
    every = list(itertools.chain.from_iterable(taken.values()))
    answered = house.answers("tpu") + house.answers("cpu")
    asked = house.asked.total()
    rows = [_time("first answer of the processor, p50", statistics.median(every))]
    rows += [
        _time(f"first answer of the processor, {name}", value)
        for name, value in (("p99", statistics.quantiles(every, n=100)[98]), ("max", max(every)))
    ]
    return [
        *rows,
        *(_time(f"{kind} {len(times)} times, max", max(times)) for kind, times in taken.items()),
        _count("requests", asked, None),
        _count("lost", max(0, asked - answered), 0),
        _count("answered twice", max(0, answered - asked), 0),
        _count("answered with another's answer", house.asked["wrong"], 0),
        _count("late answers thrown away", house.counters.get("tpu.late"), None),
    ]


def _time(name: str, value: float) -> Row:
    return Row(name=name, value=value, unit="ms", goal=f"<= {_GOAL_MS:g}", holds=value <= _GOAL_MS)


def _count(name: str, value: int, goal: int | None) -> Row:
    holds = None if goal is None else value == goal
    return Row(name=name, value=value, unit="requests", goal=None if goal is None else f"= {goal}", holds=holds)
