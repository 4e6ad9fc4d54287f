"""Serving while a version is tried out: no request is lost, and a candidate's fault is nobody's."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from gateway.errors import Invalid, Refused
from gateway.models.litert import LiteRtBackend
from gateway.models.rollout.backend import RolloutBackend
from gateway.models.rollout.evidence import Arm, Served
from gateway.models.rollout.versions import Route, Version, bucket
from gateway.seams import Backend, subject
from gateway.testing.backend import FakeBackend
from gateway.testing.conformance_backend import check_backend
from gateway.wire.model_card import CardFile, ModelCard
from tests.models import tiny
from tests.unit.models.rollout.house import INPUTS, MODEL, version

Array = npt.NDArray[np.generic]


class Desk:
    """Implements `backend.Desk` and keeps what it is told."""

    def __init__(self, route: Route | None = None) -> None:
        self.now = route
        self.told: list[Served] = []
        self.sampled = 0
        self.bad: list[tuple[str, str]] = []

    def route(self, model: str) -> Route | None:
        return self.now

    def served(self, seen: Served) -> None:
        self.told.append(seen)

    def sample(self, model: str, inputs: Sequence[Array]) -> None:
        self.sampled += 1

    def unusable(self, model: str, digest: str, key: str) -> None:
        self.bad.append((digest, key))

    @contextmanager
    def opened(self, file: CardFile) -> Generator[Path]:
        yield Path(file.sha256)


class Runtime:
    """Makes backends that answer with their version's number; `faults` by version."""

    def __init__(self) -> None:
        self.faults: dict[str, Exception] = {}
        self.answers: dict[str, float] = {}
        self.open: list[str] = []

    def make(self, card: ModelCard) -> Backend:
        runtime = self

        class Versioned(FakeBackend):
            def load(self, card: ModelCard, file: Path) -> None:
                if isinstance(runtime.faults.get(card.version), Refused):
                    raise runtime.faults[card.version]
                super().load(card, file)
                runtime.open.append(card.version)

            def infer(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
                self.fail = runtime.faults.get(card.version)
                return super().infer(inputs)

            def close(self) -> None:
                super().close()
                runtime.open.remove(card.version)

        number = float(card.version)

        def answer(_inputs: Sequence[Array]) -> tuple[Array, ...]:
            scores = np.asarray([[number, 0, 0]], np.float32)
            return scores * np.float32(runtime.answers.get(card.version, 1.0)), np.zeros((1, 8, 8, 2), np.float32)

        return Versioned(answer, check_file=False)


OLD, NEW = version(1), version(2)
SHADOW = Route(serving=OLD)
CANARY = Route(serving=OLD, trial=NEW, salt="r", share=0.5)
EVERYWHERE = Route(serving=OLD, trial=NEW, salt="r", share=1.0, by="device", device="gw")
PROMOTED = Route(serving=NEW)
MINE = next(name for name in map(str, range(99)) if bucket("r", name) < 0.5)
OTHER = next(name for name in map(str, range(99)) if bucket("r", name) >= 0.5)


def begun(route: Route | None) -> tuple[RolloutBackend, Desk, Runtime]:
    desk, runtime = Desk(route), Runtime()
    backend = RolloutBackend(runtime.make, desk=desk, model=MODEL)
    backend.load(OLD.card, Path("file"))
    return backend, desk, runtime


def answer(backend: RolloutBackend) -> int:
    """The number of the version that answered."""
    return round(float(backend.infer(INPUTS)[0][0, 0]))


@contextmanager
def about(name: str) -> Generator[None]:
    token = subject.set(name)
    yield
    subject.reset(token)


@pytest.mark.parametrize("route", [None, "shadow", "canary"])
def test_conformance(tmp_path: Path, route: str | None) -> None:
    """Also while another version, here the same file under another card, answers."""
    data = tiny.tiny_model()
    file = tmp_path / "tiny.tflite"
    file.write_bytes(data)
    (tmp_path / "empty").mkdir()
    card = tiny.card(data)
    other = Version(digest="other", card=tiny.card(data, version="2"))
    routes: dict[str | None, Route | None] = {
        None: None,
        "shadow": Route(serving=Version(digest="first", card=card)),
        "canary": Route(serving=Version(digest="first", card=card), trial=other, share=1.0, by="device", device="gw"),
    }

    class FileDesk(Desk):
        @contextmanager
        def opened(self, _file: CardFile) -> Generator[Path]:
            yield file

    def make() -> Backend:
        return RolloutBackend(lambda _card: LiteRtBackend(), desk=FileDesk(routes[route]), model=MODEL)

    check_backend(make, card, file, tmp_path / "empty")


def test_the_share_decides_by_what_the_request_is_about() -> None:
    backend, desk, _ = begun(CANARY)
    with about(MINE):
        assert answer(backend) == 2
    with about(OTHER):
        assert answer(backend) == 1
    assert answer(backend) == 1, "it is about no camera"
    assert [seen.arm for seen in desk.told] == [Arm.CANDIDATE, Arm.ACTIVE, Arm.ACTIVE]
    assert desk.sampled == 3
    backend.close()


def test_a_share_by_device_takes_the_whole_gateway_or_none_of_it() -> None:
    for device, wanted in ((MINE, 2), (OTHER, 1)):
        route = Route(serving=OLD, trial=NEW, salt="r", share=0.5, by="device", device=device)
        backend, _, _ = begun(route)
        for camera in ("door", "hall", "yard"):
            with about(camera):
                assert answer(backend) == wanted
        backend.close()


def test_buckets_are_even_and_differ_between_roll_outs() -> None:
    names = [f"camera{number}" for number in range(4000)]
    share = sum(bucket("one", name) < 0.25 for name in names) / len(names)
    both = sum(bucket("one", name) < 0.25 and bucket("two", name) < 0.25 for name in names) / len(names)
    assert share == pytest.approx(0.25, abs=0.03)
    assert both == pytest.approx(0.25**2, abs=0.015)


@pytest.mark.parametrize("fault", ["error", "nan"])
def test_the_version_in_service_answers_the_very_request_that_the_candidate_fails_on(fault: str) -> None:
    backend, desk, runtime = begun(EVERYWHERE)
    if fault == "error":
        runtime.faults["2"] = Invalid("model_failed")
    else:
        runtime.answers["2"] = float("nan")
    assert answer(backend) == 1
    assert [(seen.arm, seen.error) for seen in desk.told] == [
        (Arm.CANDIDATE, "model_failed" if fault == "error" else ""),
        (Arm.ACTIVE, ""),
    ]
    backend.close()


def test_a_question_that_is_wrong_is_not_held_against_the_candidate() -> None:
    backend, desk, _ = begun(EVERYWHERE)
    with pytest.raises(Invalid, match="model_input"):
        backend.infer([])
    assert desk.told == []
    backend.close()


def test_switches_happen_between_requests_and_leave_one_model_open() -> None:
    backend, desk, runtime = begun(SHADOW)
    answers = []
    for route in (SHADOW, EVERYWHERE, PROMOTED, SHADOW):
        desk.now = route
        answers.append(answer(backend))
    assert answers == [1, 2, 2, 1], "shadow, canary, promoted, rolled back"
    assert runtime.open == ["1"]
    backend.close()
    assert runtime.open == []


def test_a_version_that_cannot_be_loaded_leaves_the_one_in_service() -> None:
    backend, desk, runtime = begun(SHADOW)
    runtime.faults["2"] = Refused("model_hash")
    for route in (EVERYWHERE, PROMOTED):
        desk.now = route
        assert [answer(backend) for _ in range(3)] == [1, 1, 1]
    assert desk.bad == [("d2", "model_hash")] * 2, "once a route, not once a request"
    backend.close()
