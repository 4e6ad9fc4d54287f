"""A backend whose accelerator may go at any moment: the house does not notice."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import pytest

from gateway.errors import Invalid
from gateway.flow.board import Counters
from gateway.flow.clock import SystemClock
from gateway.flow.meters import Meters
from gateway.flow.supervise import Backoff
from gateway.models import vectors
from gateway.models.litert import LiteRtBackend
from gateway.models.tpu.backend import FailoverBackend
from gateway.models.tpu.child import Array
from gateway.models.tpu.host import TpuHost
from gateway.models.tpu.shed import Shedder
from gateway.seams import Backend
from gateway.testing.backend import FakeBackend
from gateway.testing.conformance_backend import check_backend, inputs_for
from gateway.testing.tpu_child import REFUSALS, FakeTpu
from gateway.types import State
from gateway.wire.model_card import CardFile, ModelCard
from tests.models.tiny import sha256
from tests.native.compiled import write_twin

WITHIN_S = 10.0
QUICK = Backoff(first_s=0.01, most_s=0.05, refused_s=0.05, healthy_s=60)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.002)


def answer(card: ModelCard, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Depends on the inputs; the twin of `house.cpu`."""
    total = np.float32(np.asarray(inputs[0], np.float64).sum() % 97)
    return tuple(np.full(spec.shape, total, spec.dtype) for spec in card.outputs)


class House:
    """A fake accelerator with its host, and backends for it."""

    def __init__(self, folder: Path, shedder: Shedder | None = None) -> None:
        self.tpu = FakeTpu(answer)
        self.meters, self.counters, self.states = Meters(), Counters(), list[State]()
        self.folder = folder
        self.card, self.file, _ = write_twin(folder)
        self.host = TpuHost(
            self.tpu.make,
            clock=SystemClock(),
            report=self.states.append,
            counters=self.counters,
            arrival=self.tpu.arrival,
            shedder=shedder,
            backoff=QUICK,
            look_s=0.01,
        )

    def opened(self, file: CardFile) -> AbstractContextManager[Path]:
        return nullcontext(self.folder / file.name)

    def backend(self, cpu: Backend | None = None) -> FailoverBackend:
        return FailoverBackend(
            cpu or FakeBackend(lambda inputs: answer(self.card, inputs)),
            host=self.host,
            opened=self.opened,
            meters=self.meters,
        )

    def loaded(self) -> FailoverBackend:
        backend = self.backend()
        backend.load(self.card, self.file)
        return backend

    def serving(self) -> FailoverBackend:
        """A backend whose model the accelerator serves."""
        backend = self.loaded()
        until(lambda: self.host.models()["tiny"] == "" and self.key == "tpu")
        return backend

    def infer(self, backend: FailoverBackend, seed: int = 0) -> None:
        """Asks and checks the answer."""
        inputs = inputs_for(self.card, seed)
        found = backend.infer(inputs)
        assert all(map(np.array_equal, found, answer(self.card, inputs)))

    @property
    def key(self) -> str:
        return self.states[-1].key if self.states else ""

    def count(self, backend: str) -> int:
        taken = self.meters.all().get(("tiny", backend))
        return 0 if taken is None else taken.count


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.host.start()
    yield made
    made.tpu.release.set()
    made.host.close()


def test_keeps_the_promises_of_a_backend_without_an_accelerator(house: House, tmp_path: Path) -> None:
    (tmp_path / "damaged").mkdir()

    def make() -> Backend:
        return FailoverBackend(LiteRtBackend(), host=None, opened=house.opened, meters=house.meters)

    check_backend(make, house.card, house.file, tmp_path / "damaged")


@pytest.mark.parametrize("fault", [None, "crash", "fail"])
def test_keeps_the_promises_of_a_backend_with_one(house: House, tmp_path: Path, fault: str | None) -> None:
    (tmp_path / "damaged").mkdir()
    kept = house.serving()
    house.tpu.fault = fault
    check_backend(house.backend, house.card, house.file, tmp_path / "damaged")
    kept.close()
    assert bool(house.count("tpu")) == (fault is None)


def test_the_accelerator_answers_once_its_model_has_passed(house: House) -> None:
    backend = house.serving()
    house.infer(backend)
    assert (house.count("tpu"), house.count("cpu")) == (1, 0)
    assert [state.key for state in house.states][-1] == "tpu"


def test_wrong_inputs_are_refused_as_by_the_twin_and_harm_nobody(house: House) -> None:
    backend = house.serving()
    with pytest.raises(Invalid, match="model_input"):
        backend.infer([np.zeros(3, np.float32)])
    assert house.count("tpu") == 0
    house.infer(backend)


@pytest.mark.parametrize(
    ("fault", "key"),
    [("crash", "tpu_crashed"), ("abort", "tpu_aborted"), ("garble", "tpu_garbled"), ("hang", "tpu_hung")],
)
def test_a_child_that_dies_loses_no_request_and_the_accelerator_comes_back(house: House, fault: str, key: str) -> None:
    backend = house.serving()
    house.tpu.fault = fault
    house.infer(backend, 1)
    assert house.count("cpu") == 1
    until(lambda: any(state.key == "cpu" and key in state.detail for state in house.states))
    house.tpu.fault = None
    house.tpu.release.set()
    until(lambda: house.key == "tpu")
    house.infer(backend, 2)
    assert house.count("tpu") == 1


def test_while_it_is_away_nobody_waits_for_it(house: House) -> None:
    backend = house.serving()
    house.tpu.plugged = None
    until(lambda: house.key == "cpu")
    asked = len(house.tpu.children)
    for seed in range(50):
        house.infer(backend, seed)
    assert house.meters.all()["tiny", "cpu"].count == 50
    assert ("tiny", "tpu") not in house.meters.all(), "being away is no failure of a request"
    assert len(house.tpu.children) == asked, "nothing is started without a device"


def test_unplugged_and_plugged_in_again(house: House) -> None:
    backend = house.serving()
    house.tpu.plugged = None
    until(lambda: house.key == "cpu" and "no Edge TPU" in house.states[-1].detail)
    house.tpu.plugged = "usb 1-2"
    until(lambda: house.key == "tpu")
    house.infer(backend)
    assert house.count("tpu") == 1


def test_a_single_failed_run_is_answered_by_the_twin_and_the_child_lives_on(house: House) -> None:
    backend = house.serving()
    house.tpu.fault = "fail"
    house.infer(backend)
    house.tpu.fault = None
    house.infer(backend)
    assert (house.count("tpu"), house.count("cpu")) == (1, 1)
    assert len(house.tpu.children) == 1
    assert house.meters.all()["tiny", "tpu"].last_error == "tpu_invoke_failed"


def test_runs_that_go_on_failing_end_the_child(house: House) -> None:
    backend = house.serving()
    house.tpu.fault = "fail"
    for seed in range(3):
        house.infer(backend, seed)
    until(lambda: house.counters.get("tpu.lost.tpu_invoke_failed") > 0)
    assert not house.tpu.children[0].alive
    house.tpu.fault = None
    until(lambda: house.key == "tpu")


def test_a_late_answer_is_counted_and_thrown_away(house: House) -> None:
    backend = house.serving()
    house.tpu.fault = "hang"
    house.infer(backend, 1)
    assert (house.count("cpu"), house.count("tpu")) == (1, 0)
    house.tpu.fault = None
    house.tpu.release.set()
    until(lambda: house.counters.get("tpu.late") == 1)
    house.infer(backend, 2)
    assert (house.count("cpu"), house.count("tpu")) == (1, 1)


def test_behind_a_hang_others_are_sent_to_the_cpu_without_waiting(house: House) -> None:
    """The first one waits for its deadline; who comes after that does not wait at all."""
    backend = house.serving()
    house.tpu.fault = "hang"
    house.infer(backend, 1)
    for seed in range(20):
        house.infer(backend, seed)
    house.tpu.release.set()
    assert house.count("cpu") == 21
    assert house.meters.all()["tiny", "cpu"].wait_p50_s < 0.05


@pytest.mark.parametrize("key", sorted(REFUSALS))
def test_what_a_person_must_put_right_is_told_and_tried_again(tmp_path: Path, key: str) -> None:
    house = House(tmp_path)
    house.tpu.fault = key
    house.host.start()
    backend = house.loaded()
    until(lambda: any(key in state.detail for state in house.states))
    assert house.key == ("cpu" if key == "tpu_no_device" else "off")
    house.infer(backend)
    house.tpu.fault = None
    until(lambda: house.key == "tpu")
    house.host.close()


def test_without_a_device_or_a_model_nothing_is_started(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.host.start()
    until(lambda: "no model" in (house.states[-1].detail if house.states else ""))
    house.tpu.plugged = None
    until(lambda: "no Edge TPU" in house.states[-1].detail)
    house.infer(house.loaded())
    assert (house.key, house.tpu.children) == ("off", [])
    house.host.close()


@pytest.mark.parametrize("registered", [False, True])
def test_with_nothing_to_do_the_thread_rests(tmp_path: Path, registered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a model, and with one that may not be tried again yet."""
    house, rests = House(tmp_path), list[float]()
    rest = house.host._desk.rest

    def noted(seconds: float) -> None:
        rests.append(seconds)
        rest(seconds)

    monkeypatch.setattr(house.host._desk, "rest", noted)
    if registered:
        house.loaded()
        (hosted,) = house.host._roster.all()
        hosted.fails("tpu_crashed", 1e12)
    house.host.start()
    until(lambda: len(rests) > 5)
    house.host.close()
    assert min(rests) > 0
    assert house.tpu.children == []


def test_a_model_that_does_not_answer_as_its_twin_stays_on_the_cpu(house: House) -> None:
    house.tpu.answer = lambda card, inputs: tuple(
        np.asarray(np.arange(found.size).reshape(found.shape), found.dtype) for found in answer(card, inputs)
    )
    backend = house.loaded()
    until(lambda: house.counters.get("tpu.failed.tpu_disagrees") > 0)
    house.infer(backend)
    assert house.count("tpu") == 0
    until(lambda: house.host.models()["tiny"] == "tpu_disagrees")


def test_one_model_that_disagrees_does_not_keep_the_others_off(house: House) -> None:
    good = house.serving()
    wrong, _, _ = write_twin(house.folder, id="wrong", file="wrong.tflite")

    def sometimes(card: ModelCard, inputs: Sequence[Array]) -> tuple[Array, ...]:
        found = answer(card, inputs)
        return tuple(np.full_like(one, np.nan) for one in found) if "wrong" in card.id else found

    house.tpu.answer = sometimes
    other = house.backend()
    other.load(wrong, house.folder / "wrong.tflite")
    until(lambda: house.host.models().get("wrong") == "tpu_disagrees")
    until(lambda: house.host.models()["tiny"] == "")
    house.infer(good)
    house.infer(other)
    until(lambda: "wrong on the CPU: tpu_disagrees" in house.states[-1].detail)
    assert house.key == "tpu"


@pytest.mark.parametrize("models", [1, 2])
def test_a_device_that_crashes_with_every_model_is_served_by_again_once_it_does_not(house: House, models: int) -> None:
    house.tpu.fault = "crash"
    other, _, _ = write_twin(house.folder, id="other", file="other.tflite")
    for card in (house.card, other)[:models]:
        house.backend().load(card, house.folder / card.file)
    until(lambda: len(house.tpu.children) > 6)
    house.tpu.fault = None
    until(lambda: set(house.host.models().values()) == {""})


def test_a_model_that_takes_the_child_with_it_is_left_out_after_the_second_time(house: House) -> None:
    house.serving()
    killer, _, _ = write_twin(house.folder, id="killer", file="killer.tflite")

    def deadly(card: ModelCard, inputs: Sequence[Array]) -> tuple[Array, ...]:
        if "killer" in card.id:
            house.tpu.children[-1]._die("tpu_crashed")
        return answer(card, inputs)

    house.tpu.answer = deadly
    house.backend().load(killer, house.folder / "killer.tflite")
    until(lambda: house.counters.get("tpu.lost.tpu_crashed") == 2)
    until(lambda: house.host.models() == {"tiny": "", "killer": "tpu_crashed"} and house.key == "tpu")
    assert house.counters.get("tpu.lost.tpu_crashed") == 2


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_a_file_for_the_accelerator_that_is_no_good_leaves_the_model_on_the_cpu(house: House, damage: str) -> None:
    assert house.card.tpu is not None
    compiled = house.folder / house.card.tpu.file.name
    if damage == "missing":
        compiled.unlink()
    else:
        compiled.write_bytes(bytes(house.card.tpu.file.bytes))
    backend = house.loaded()
    assert backend.why_not == {"missing": "model_missing", "changed": "model_hash"}[damage]
    house.infer(backend)
    assert house.host.models() == {}


def test_a_twin_that_cannot_answer_the_trial_question_still_loads(house: House) -> None:
    def picky(inputs: Sequence[Array]) -> tuple[Array, ...]:
        raise Invalid("model_failed")

    backend = house.backend(FakeBackend(picky))
    backend.load(house.card, house.file)
    assert backend.why_not == "model_failed"
    assert house.host.models() == {}


def test_golden_inputs_are_asked_where_the_model_has_some(house: House) -> None:
    twin = FakeBackend(lambda inputs: answer(house.card, inputs))
    twin.load(house.card, house.file)
    data = vectors.make(twin, house.card, [inputs_for(house.card, seed) for seed in range(3)])
    (house.folder / "golden.npz").write_bytes(data)
    golden = CardFile(name="golden.npz", sha256=sha256(data), bytes=len(data))
    house.card = house.card.model_copy(update={"golden": golden})
    backend = house.serving()
    assert house.tpu.runs == 3
    assert backend.why_not == ""


def test_two_backends_share_one_loaded_model_until_both_are_closed(house: House) -> None:
    first, second = house.serving(), house.serving()
    assert len(house.host.models()) == 1
    first.close()
    house.infer(second)
    assert house.count("tpu") == 1
    second.close()
    until(lambda: house.host.models() == {})


def test_closing_the_host_sends_everybody_to_the_cpu(house: House) -> None:
    backend = house.serving()
    house.host.close()
    house.infer(backend)
    assert house.count("cpu") == 1
    backend.close()


def test_closing_the_host_ends_a_child_that_hangs(house: House) -> None:
    backend = house.serving()
    house.tpu.fault = "hang"
    house.infer(backend)
    house.host.close()
    assert not any(child.alive for child in house.tpu.children)


@pytest.mark.parametrize("seed", range(3))
def test_under_a_storm_of_faults_every_request_is_answered_once_and_rightly(house: House, seed: int) -> None:
    """Three threads ask while a fourth breaks the accelerator again and again."""
    draw = np.random.default_rng(seed)
    over = threading.Event()
    kept = house.serving()

    def ask(first: int) -> int:
        backend = house.loaded()
        number = 0
        while not over.is_set():
            house.infer(backend, first + number)
            number += 1
        backend.close()
        return number

    with ThreadPoolExecutor(3, thread_name_prefix="asks") as threads:
        asked = [threads.submit(ask, 1000 * place) for place in range(3)]
        try:
            for fault in draw.permutation(["crash", "abort", "garble", "fail"] * 4):
                before = house.count("cpu")
                house.tpu.fault = str(fault)
                until(lambda: house.count("cpu") > before)  # noqa: B023  # called at once
                house.tpu.fault = None
                until(lambda: house.key == "tpu")
        finally:
            over.set()
        total = sum(one.result() for one in asked)
    assert house.count("tpu") + house.count("cpu") == total
    kept.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_the_thread_leaves_everybody_on_the_cpu_and_says_so(house: House) -> None:
    backend = house.serving()

    def bug() -> str | None:
        raise ZeroDivisionError

    house.host._minder._arrival = bug
    until(lambda: house.key == "cpu")
    assert "bug" in house.states[-1].detail
    house.infer(backend)
    assert house.count("cpu") == 1


def test_a_child_that_dies_while_nobody_asks_is_noticed(house: House) -> None:
    house.serving()
    house.tpu.children[-1].kill()
    until(lambda: any("tpu_exited" in state.detail for state in house.states))
    until(lambda: house.key == "tpu")
    assert len(house.tpu.children) == 2


class Noting(Shedder):
    """Keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(clock=SystemClock(), report=lambda _state: None)
        self.stood_in_s: list[float] = []
        self.waits_s: list[float] = []

    def stood_in(self, took_s: float) -> None:
        self.stood_in_s.append(took_s)

    def served(self, waited_s: float) -> None:
        self.waits_s.append(waited_s)


def test_only_standing_in_for_an_accelerator_that_is_missed_counts_as_load(tmp_path: Path) -> None:
    noting = Noting()
    house = House(tmp_path, noting)
    house.tpu.plugged = None
    house.host.start()
    backend = house.loaded()
    until(lambda: house.key == "off")
    house.infer(backend)
    assert noting.stood_in_s == [], "nobody stands in where there never was one"
    house.tpu.plugged = "usb"
    until(lambda: house.key == "tpu")
    house.infer(backend)
    assert (len(noting.waits_s), noting.stood_in_s) == (1, [])
    house.tpu.plugged = None
    until(lambda: house.key == "cpu")
    house.infer(backend)
    assert len(noting.stood_in_s) == 1
    house.host.close()
