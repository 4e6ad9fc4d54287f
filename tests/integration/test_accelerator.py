"""The whole way with a real child process and a libedgetpu of our own: every fault under load, nothing lost."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

import numpy as np
import pytest

from gateway.flow.board import Board, Counters
from gateway.flow.clock import SystemClock
from gateway.flow.meters import Meters
from gateway.flow.supervise import Backoff
from gateway.models.litert import LiteRtBackend
from gateway.models.tpu.agree import trial_inputs
from gateway.models.tpu.backend import FailoverBackend
from gateway.models.tpu.child import Array
from gateway.models.tpu.host import TpuHost
from gateway.models.tpu.process import TpuChild
from gateway.testing.conformance_backend import check_backend, inputs_for
from gateway.types import State
from gateway.wire.model_card import CardFile, ModelCard, TensorSpec, TpuVariant
from tests.models.tiny import card as tiny_card
from tests.models.tiny import sha256, shared
from tests.native import FakeEdgeTpu
from tests.native.compiled import write_twin

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

WITHIN_S = 30.0
ASKERS = 3
QUESTIONS = 8
QUICK = Backoff(first_s=0.05, most_s=0.2, refused_s=0.2, healthy_s=60)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.002)


class Accelerator:
    """A model with its twin, and a fake Edge TPU that answers some questions exactly as the twin does."""

    def __init__(self, folder: Path, card: ModelCard) -> None:
        self.card, self.folder = card, folder
        self.fake = FakeEdgeTpu(folder)
        self.meters, self.counters, self.board = Meters(), Counters(), Board()
        self.states: list[State] = []
        self.board.listen(self.states.append)
        self.plugged: str | None = "usb"
        self.children: list[TpuChild] = []
        self.questions = [inputs_for(card, seed) for seed in range(QUESTIONS)]
        self.expected = self._taught()
        self.host = TpuHost(
            self._make,
            clock=SystemClock(),
            report=self.board.report,
            counters=self.counters,
            arrival=lambda: self.plugged,
            backoff=QUICK,
            look_s=0.05,
        )

    def _make(self) -> TpuChild:
        self.children.append(TpuChild(self.fake.library))
        return self.children[-1]

    def _taught(self) -> list[tuple[Array, ...]]:
        twin = LiteRtBackend()
        twin.load(self.card, self.folder / self.card.file)
        for inputs in (trial_inputs(self.card), *self.questions):
            self.fake.answer(inputs, twin.infer(inputs))
        return [twin.infer(inputs) for inputs in self.questions]

    def opened(self, file: CardFile) -> AbstractContextManager[Path]:
        return nullcontext(self.folder / file.name)

    def backend(self) -> FailoverBackend:
        return FailoverBackend(LiteRtBackend(), host=self.host, opened=self.opened, meters=self.meters)

    def loaded(self) -> FailoverBackend:
        backend = self.backend()
        backend.load(self.card, self.folder / self.card.file)
        return backend

    def count(self, backend: str) -> int:
        taken = self.meters.all().get((self.card.id, backend))
        return 0 if taken is None else taken.count

    def served(self) -> None:
        """Wait until the accelerator answers again."""
        before = self.count("tpu")
        until(lambda: self.count("tpu") > before)

    def stood_in(self) -> None:
        before = self.count("cpu")
        until(lambda: self.count("cpu") > before)

    @contextmanager
    def under_load(self) -> Iterator[None]:
        """Threads that go on asking; at the end every question was answered once and rightly."""
        over = threading.Event()
        with ThreadPoolExecutor(ASKERS, thread_name_prefix="asks") as threads:
            asking = [threads.submit(self._ask, over, place) for place in range(ASKERS)]
            try:
                yield
            finally:
                over.set()
            asked = sum(one.result() for one in asking)
        assert self.count("tpu") + self.count("cpu") == asked, "lost, or answered twice"

    def _ask(self, over: threading.Event, first: int) -> int:
        backend, asked = self.loaded(), 0
        while not over.is_set():
            which = (first + asked) % QUESTIONS
            found = backend.infer(self.questions[which])
            assert all(map(np.array_equal, found, self.expected[which])), "another answer than the twin's"
            asked += 1
        backend.close()
        return asked


@contextmanager
def running(accelerator: Accelerator) -> Iterator[Accelerator]:
    accelerator.host.start()
    try:
        yield accelerator
    finally:
        accelerator.host.close()


@pytest.fixture
def accelerator(tmp_path: Path) -> Iterator[Accelerator]:
    card, _, _ = write_twin(tmp_path)
    with running(Accelerator(tmp_path, card)) as made:
        yield made


def test_keeps_the_promises_of_a_backend(accelerator: Accelerator, tmp_path: Path) -> None:
    (tmp_path / "damaged").mkdir()
    kept = accelerator.loaded()
    until(lambda: accelerator.host.models()["tiny"] == "")
    accelerator.fake.set()
    check_backend(accelerator.backend, accelerator.card, tmp_path / accelerator.card.file, tmp_path / "damaged")
    kept.close()
    assert accelerator.count("tpu") > 0


FAULTS: Sequence[tuple[dict[str, object], str]] = (
    ({"crash": 1}, "tpu_crashed"),
    ({"abort": 1}, "tpu_aborted"),
    ({"hang": 1}, "tpu_hung"),
    ({"fail_invoke": 1}, "tpu_invoke_failed"),
    ({"devices": 0}, "tpu_invoke_failed"),
)


def break_it(made: Accelerator, fault: dict[str, object], key: str) -> None:
    """Under load: the fault, the CPU, the fault gone, the accelerator."""
    made.served()
    lost, seen = made.counters.get(f"tpu.lost.{key}"), len(made.states)
    made.fake.set(**fault)
    until(lambda: made.counters.get(f"tpu.lost.{key}") > lost)
    made.stood_in()
    made.fake.set()
    made.served()
    keys = [state.key for state in made.states[seen:]]
    assert "cpu" in keys
    assert any(key in state.detail for state in made.states[seen:] if state.key == "cpu")


def test_every_fault_under_load_is_told_survived_and_left_behind(accelerator: Accelerator) -> None:
    with accelerator.under_load():
        for fault, key in FAULTS:
            break_it(accelerator, fault, key)


def test_a_device_that_does_not_take_the_model_any_more_is_given_up_and_comes_back(accelerator: Accelerator) -> None:
    with accelerator.under_load():
        accelerator.served()
        accelerator.fake.set(crash=1)
        until(lambda: accelerator.counters.get("tpu.lost.tpu_crashed") > 0)
        accelerator.fake.set(fail_prepare=1)
        until(lambda: accelerator.counters.get("tpu.lost.tpu_prepare_failed") > 0)
        accelerator.fake.set()
        accelerator.served()


def test_unplugged_and_plugged_in_again_under_load(accelerator: Accelerator) -> None:
    with accelerator.under_load():
        accelerator.served()
        accelerator.plugged = None
        accelerator.fake.set(devices=0)
        until(lambda: "no Edge TPU" in accelerator.states[-1].detail)
        accelerator.stood_in()
        accelerator.plugged = "usb, again"
        accelerator.fake.set()
        accelerator.served()
    assert [state.key for state in accelerator.states][-1] == "tpu"


def test_a_storm_of_sigkill_loses_nothing(accelerator: Accelerator) -> None:
    killed: set[int] = set()
    with accelerator.under_load():
        while len(killed) < 10:
            accelerator.served()
            pid = accelerator.children[-1].pid
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
            accelerator.stood_in()
    assert accelerator.counters.get("tpu.started") >= 10


def test_a_slow_accelerator_is_left_out_where_it_cannot_make_it_in_time(accelerator: Accelerator) -> None:
    with accelerator.under_load():
        accelerator.served()
        accelerator.fake.set(delay_us=400_000)
        accelerator.stood_in()
        accelerator.fake.set()
        accelerator.served()
    assert accelerator.counters.get("tpu.busy") + accelerator.counters.get("tpu.late") > 0


def test_a_library_of_the_old_layout_never_serves_and_harms_nobody(tmp_path: Path) -> None:
    card, _, _ = write_twin(tmp_path)
    made = Accelerator(tmp_path, card)
    made.fake = FakeEdgeTpu(tmp_path, old_abi=True)
    with running(made), made.under_load():
        until(lambda: any(state.key == "cpu" for state in made.states))
        made.stood_in()
    assert made.count("tpu") == 0


def real_twin(folder: Path, name: str, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...]) -> ModelCard:
    """A model of the research data with its compiled twin, both in the folder."""
    plain, compiled = (shared(f"models/{name}{kind}.tflite").read_bytes() for kind in ("", "_edgetpu"))
    file = CardFile(name="real_edgetpu.tflite", sha256=sha256(compiled), bytes=len(compiled))
    (folder / "real.tflite").write_bytes(plain)
    (folder / file.name).write_bytes(compiled)
    tpu = TpuVariant(file=file)
    return tiny_card(plain, id="real", file="real.tflite", inputs=inputs, outputs=outputs, tpu=tpu)


@pytest.mark.shared
def test_every_fault_with_a_real_compiled_model(tmp_path: Path) -> None:
    image = TensorSpec(shape=(1, 128, 128, 3), dtype="uint8")
    classes = TensorSpec(shape=(1, 1001), dtype="uint8")
    card = real_twin(tmp_path, "mobilenet_v1_0.25_128_quant", (image,), (classes,))
    with running(Accelerator(tmp_path, card)) as made, made.under_load():
        for fault, key in FAULTS:
            break_it(made, fault, key)


@pytest.mark.shared
def test_a_real_compiled_model_that_answers_otherwise_stays_on_the_cpu(tmp_path: Path) -> None:
    """The fake invents what is inside of this one, so that its answer is none of a pose."""
    image = TensorSpec(shape=(1, 192, 192, 3), dtype="uint8")
    pose = TensorSpec(shape=(1, 1, 17, 3), dtype="float32")
    card = real_twin(tmp_path, "movenet_single_pose_lightning_ptq", (image,), (pose,))
    with running(Accelerator(tmp_path, card)) as made:
        backend = made.loaded()
        until(lambda: made.counters.get("tpu.failed.tpu_disagrees") > 0)
        found = backend.infer(made.questions[0])
        assert all(map(np.array_equal, found, made.expected[0]))
        backend.close()
    assert made.count("tpu") == 0
