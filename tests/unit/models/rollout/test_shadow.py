"""Comparing on a thread of its own: within the budget, one input at a time, both under the same conditions."""

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from gateway.errors import Invalid, Refused
from gateway.models.rollout.comparison import Budget
from gateway.models.rollout.evidence import Compared, Unusable
from gateway.models.rollout.shadow import Shadow
from gateway.seams import Backend
from gateway.testing.backend import FakeBackend
from gateway.wire.model_card import CardFile, ModelCard
from tests.unit.models.rollout.house import INPUTS, MODEL, version

Array = npt.NDArray[np.generic]

_SOON_S = 10


class Bench:
    """A shadow whose clock we own. `hold` keeps a comparison under way; `told` waits for its result."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.go = threading.Event()
        self.go.set()
        self.asked: list[str] = []
        self.seen: list[float] = []
        self.faults: dict[str, Exception] = {}
        self.open = 0
        self._results: list[Compared | Unusable] = []
        self._arrived = threading.Semaphore(0)
        self.shadow = Shadow(
            make=self._make,
            make_serving=self._make,
            opened=self._opened,
            told=self._take,
            timer=lambda: self.now_s,
        )

    def told(self) -> Compared | Unusable:
        assert self._arrived.acquire(timeout=_SOON_S)
        return self._results.pop(0)

    def _take(self, result: Compared | Unusable) -> None:
        self._results.append(result)
        self._arrived.release()

    @contextmanager
    def _opened(self, file: CardFile) -> Generator[Path]:
        yield Path(file.name)

    def _make(self, made_for: ModelCard) -> Backend:
        bench = self

        class Watched(FakeBackend):
            def load(self, card: ModelCard, file: Path) -> None:
                if isinstance(bench.faults.get(card.version), Refused):
                    raise bench.faults[card.version]
                super().load(card, file)
                bench.open += 1

            def close(self) -> None:
                super().close()
                bench.open -= 1

            def infer(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
                assert bench.go.wait(_SOON_S)
                bench.asked.append(made_for.version)
                bench.seen.append(float(np.sum(np.asarray(inputs[0], np.float64))))
                bench.now_s += 0.05
                self.fail = bench.faults.get(made_for.version)
                return super().infer(inputs)

        def answer(_inputs: Sequence[Array]) -> tuple[Array, ...]:
            return np.asarray([[0.9, 0.1, 0.0]], np.float32), np.zeros((1, 8, 8, 2), np.float32)

        return Watched(answer, check_file=False)


@pytest.fixture
def bench() -> Generator[Bench]:
    made = Bench()
    made.shadow.start()
    yield made
    made.go.set()
    made.shadow.close()
    assert made.open == 0, "every model is given up"


def test_both_are_asked_in_turns_and_nothing_before_the_budget_has_grown(bench: Bench) -> None:
    bench.shadow.compare(MODEL, version(1), version(2), duty=0.1)
    assert not bench.shadow.offer(MODEL, INPUTS)
    for _ in range(2):
        bench.now_s += 2
        assert bench.shadow.offer(MODEL, INPUTS)
        told = bench.told()
        assert isinstance(told, Compared)
        assert (told.same, told.error) == (True, "")
    assert bench.asked == ["1", "2", "2", "1"]


def test_one_input_waits_and_is_a_copy(bench: Bench) -> None:
    bench.go.clear()
    bench.shadow.compare(MODEL, version(1), version(2), duty=1.0)
    bench.now_s += 5
    picture = np.ones((1, 8, 8, 3), np.float32)
    assert bench.shadow.offer(MODEL, [picture])
    assert not bench.shadow.offer(MODEL, INPUTS), "one is under way"
    picture[:] = 0
    bench.go.set()
    bench.told()
    assert bench.seen == [192.0, 192.0]


def test_the_share_of_the_time_is_kept_in_the_long_run() -> None:
    budget, now_s, spent_s = Budget(0.1, 0.0), 0.0, 0.0
    for _ in range(10_000):
        now_s += 0.03
        if budget.allows(now_s):
            budget.spend(0.2)
            spent_s += 0.2
            now_s += 0.2
    assert spent_s / now_s == pytest.approx(0.1, abs=0.005)


def test_a_candidate_that_fails_is_told_and_one_that_cannot_be_loaded_once(bench: Bench) -> None:
    bench.faults["2"] = Invalid("model_failed")
    bench.shadow.compare(MODEL, version(1), version(2), duty=1.0)
    bench.now_s += 1
    assert bench.shadow.offer(MODEL, INPUTS)
    told = bench.told()
    assert isinstance(told, Compared)
    assert told.error == "model_failed"
    bench.faults["3"] = Refused("model_hash")
    bench.shadow.compare(MODEL, version(1), version(3), duty=1.0)
    bench.now_s += 1
    assert bench.shadow.offer(MODEL, INPUTS)
    assert bench.told() == Unusable(model=MODEL, digest="d3", key="model_hash")


def test_where_the_active_version_fails_nothing_is_said_of_the_candidate(bench: Bench) -> None:
    bench.faults["1"] = Invalid("model_failed")
    bench.shadow.compare(MODEL, version(1), version(2), duty=1.0)
    bench.now_s += 1
    assert bench.shadow.offer(MODEL, INPUTS)
    while [one for one in bench.asked if one != "3"] != ["1", "2"]:
        assert bench.shadow.golden(version(3)).result(_SOON_S) is None
    assert bench.shadow.golden(version(3)).result(_SOON_S) is None, "that is after the comparison"
    assert bench._results == []


def test_a_model_without_golden_answers_has_to_answer_something(bench: Bench) -> None:
    assert bench.shadow.golden(version(3)).result(_SOON_S) is None
    assert bench.asked == ["3"]
    bench.faults["3"] = Invalid("model_failed")
    with pytest.raises(Invalid, match="model_failed"):
        bench.shadow.golden(version(3)).result(_SOON_S)


def test_golden_answers_are_asked_there_and_a_refusal_is_handed_over(bench: Bench) -> None:
    bench.faults["3"] = Refused("model_tensors")
    with pytest.raises(Refused, match="model_tensors"):
        bench.shadow.golden(version(3)).result(_SOON_S)


def test_nothing_is_compared_after_a_stop(bench: Bench) -> None:
    bench.shadow.compare(MODEL, version(1), version(2), duty=1.0)
    bench.now_s += 1
    assert bench.shadow.offer(MODEL, INPUTS)
    bench.told()
    bench.shadow.stop(MODEL)
    assert not bench.shadow.offer(MODEL, INPUTS)
    bench.shadow.golden(version(1)).result(_SOON_S)
    assert bench.open == 0
