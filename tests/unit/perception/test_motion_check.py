"""The second look may only take boxes away, and what fails in it hides nothing."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from gateway.errors import Invalid, Refused
from gateway.flow.board import Counters
from gateway.perception.gate import EveryFrame, GateMode, KeyFrameGate
from gateway.perception.motion import Known, MotionDetector
from gateway.perception.motion_check import Asked, MotionCheck
from gateway.perception.motion_grid import GRID, HOLD_S, SIZE, Mover, cells_of, pair, read
from gateway.seams import subject
from gateway.testing.backend import FakeBackend
from gateway.types import Box
from gateway.wire.model_card import ModelCard
from tests.unit.perception.watching import frame

Array = npt.NDArray[np.generic]
LEFT, RIGHT = Box(x0=0.0, y0=0.2, x1=0.3, y1=0.8), Box(x0=0.7, y0=0.2, x1=1.0, y1=0.8)
SCALE, ZERO = 0.1, 10


def card() -> ModelCard:
    return ModelCard.model_validate(
        {
            "id": "motion_check",
            "version": "1",
            "role": "motion",
            "file": "motion.tflite",
            "sha256": "0" * 64,
            "bytes": 1,
            "licence": "Apache-2.0",
            "notice": "made for a test",
            "origin": {"kind": "shipped"},
            "inputs": [{"shape": [1, *SIZE, 2], "dtype": "int8", "scale": 1 / 255, "zero_point": -128}],
            "outputs": [{"shape": [1, *GRID, 5], "dtype": "int8", "scale": SCALE, "zero_point": ZERO}],
            "preprocessing": {"colour": "luma+background", "fit": "stretch"},
            "decoder": "motion_grid",
            "thresholds": {"moving": 0.5},
            "provenance": {"made_by": "a test"},
        }
    )


def answer(moving: float, columns: slice = slice(None), mover: Mover = Mover.NUISANCE) -> npt.NDArray[np.int8]:
    """A logit of `moving` in some columns, -5 elsewhere; one kind of mover everywhere."""
    logits = np.zeros((1, *GRID, 5), np.float32)
    logits[..., 0] = -5
    logits[:, :, columns, 0] = moving
    logits[..., 1 + mover] = 3
    return np.asarray(np.round(logits / SCALE) + ZERO, np.int8)


def known_scene(luma: npt.NDArray[np.uint8]) -> Known:
    detector = MotionDetector()
    detector.see(luma, 0.0)
    assert detector.known is not None
    return detector.known


LUMA = np.full((180, 320), 90, np.uint8)
KNOWN = known_scene(LUMA)


class Checked:
    """A check on a scripted backend, and what it counted."""

    def __init__(self, *answers: npt.NDArray[np.int8], shedding: int = 0) -> None:
        self.counters = Counters()
        self.opened: list[FakeBackend] = []
        self.subjects: list[str] = []
        self.refused: Refused | None = None
        self._answers = iter(answers)
        self.check = MotionCheck("door", self.open, counters=self.counters, shedding=lambda: shedding)

    def open(self) -> Asked:
        if self.refused is not None:
            raise self.refused
        backend = FakeBackend(self._infer, check_file=False)
        backend.load(card(), Path("motion.tflite"))
        self.opened.append(backend)
        return Asked(backend=backend, card=card)

    def _infer(self, _inputs: Sequence[Array]) -> tuple[Array, ...]:
        self.subjects.append(subject.get())
        return (next(self._answers),)

    def keep(self, *boxes: Box, t_s: float = 0.0) -> tuple[Box, ...]:
        return self.check.keep(LUMA, KNOWN, boxes, t_s)


def test_a_box_without_anything_likely_in_it_is_taken_away() -> None:
    checked = Checked(answer(4, slice(14, 20)))
    assert checked.keep(LEFT, RIGHT) == (RIGHT,)
    assert checked.counters.all() == {"motion_check.looked": 1, "motion_check.vetoed": 1}


def test_nothing_is_ever_added() -> None:
    assert Checked(answer(4)).keep(LEFT) == (LEFT,)


def test_no_look_is_spent_on_a_still_picture() -> None:
    checked = Checked()
    assert checked.keep() == ()
    assert checked.opened == []


def test_one_lucky_cell_does_not_save_a_large_box() -> None:
    lucky = answer(-5)
    lucky[0, 6, 2, 0] = round(2 / SCALE) + ZERO
    assert Checked(lucky).keep(LEFT) == ()


def test_the_network_is_shown_the_picture_and_what_is_usual() -> None:
    checked = Checked(answer(4))
    bright = np.full((180, 320), 200, np.uint8)
    checked.check.keep(bright, KNOWN, (LEFT,), 0.0)
    (shown,) = checked.opened[0].inputs[0]
    assert (shown.shape, shown.dtype.name) == ((1, *SIZE, 2), "int8")
    assert (np.unique(shown[..., 0]).tolist(), np.unique(shown[..., 1]).tolist()) == ([200 - 128], [90 - 128])


def test_a_roll_out_can_tell_whose_picture_it_is() -> None:
    checked = Checked(answer(4))
    checked.keep(LEFT)
    assert checked.subjects == ["door"]
    assert not subject.get()


@pytest.mark.parametrize(("level", "looked"), [(1, 1), (2, 0), (3, 0)])
def test_under_load_boxes_pass_unjudged(level: int, looked: int) -> None:
    checked = Checked(answer(-5), shedding=level)
    assert checked.keep(LEFT) == (() if looked else (LEFT,))
    assert checked.counters.get("motion_check.left_out") == 1 - looked


def test_what_was_certain_is_believed_for_a_while_where_it_was() -> None:
    near = Box(x0=0.32, y0=0.4, x1=0.4, y1=0.6)
    checked = Checked(answer(4, slice(0, 6)), *[answer(-5)] * 4)
    kept = [checked.keep(near, RIGHT, LEFT, t_s=0.0)]
    kept += [checked.keep(near, RIGHT, t_s=t_s) for t_s in (1.0, HOLD_S, HOLD_S + 0.1)]
    assert kept == [(near, LEFT), (near,), (near,), ()]


def test_belief_does_not_feed_on_itself() -> None:
    checked = Checked(answer(4), *[answer(-5)] * 20)
    kept = [bool(checked.keep(LEFT, t_s=float(t_s))) for t_s in range(12)]
    assert kept == [t_s <= HOLD_S for t_s in range(12)]


def test_a_failing_model_hides_nothing_and_is_counted() -> None:
    checked = Checked(answer(-5), answer(-5))
    checked.keep(LEFT)
    checked.opened[0].fail = Invalid("model_failed")
    assert checked.keep(LEFT, RIGHT) == (LEFT, RIGHT)
    assert checked.counters.get("motion_check.failed") == 1
    checked.opened[0].fail = None
    assert checked.keep(LEFT) == ()


def test_a_model_that_cannot_be_had_hides_nothing() -> None:
    checked = Checked()
    checked.refused = Refused("model_missing")
    assert checked.keep(LEFT) == (LEFT,)
    assert checked.keep(LEFT) == (LEFT,)
    assert checked.counters.get("motion_check.failed") == 2


def test_each_thread_of_a_camera_has_a_backend_of_its_own() -> None:
    checked = Checked(answer(-5), answer(4))
    kept = [checked.keep(LEFT)]
    reconnected = threading.Thread(target=lambda: kept.append(checked.keep(LEFT)), name="camera-door")
    reconnected.start()
    reconnected.join()
    assert kept == [(), (LEFT,)]
    assert len(checked.opened) == 2


def test_the_kind_of_mover_is_told_where_it_moves() -> None:
    said = answer(4, slice(14, 20), Mover.ANIMAL)
    said[0, :, :10, 1:] = answer(4, mover=Mover.VEHICLE)[0, :, :10, 1:]
    looked = read(said, card())
    assert looked.mover(RIGHT) is Mover.ANIMAL
    assert looked.mover(LEFT) is Mover.VEHICLE
    assert looked.of(RIGHT) == pytest.approx(1 / (1 + np.exp(-4)), abs=1e-3)


def test_a_box_in_the_last_corner_has_a_cell() -> None:
    rows, columns = cells_of(Box(x0=1.0, y0=1.0, x1=1.0, y1=1.0))
    assert (rows, columns) == (slice(11, 12), slice(19, 20))


@pytest.mark.parametrize("shape", [(720, 1280), (480, 640), (1080, 1920)])
def test_every_camera_is_stretched_to_one_size(shape: tuple[int, int]) -> None:
    luma = np.full(shape, 90, np.uint8)
    assert pair(luma, known_scene(luma)).shape == (1, *SIZE, 2)


def walk_past(watcher: EveryFrame | KeyFrameGate) -> list[int]:
    """Frames with motion while something bright crosses a textured room; 10 fps, key frames each second."""
    room = np.random.default_rng(3).integers(90, 140, (180, 320), dtype=np.uint8)
    found = []
    for number in range(200):
        luma = room.copy()
        if number >= 120:
            luma[60:140, 2 * (number - 100) : 2 * (number - 100) + 40] = 230
        shown = frame(luma, number / 10, seq=number, key=number % 10 == 0)
        if watcher.wants(key=shown.key, stamp=shown.stamp) and watcher.see(shown).boxes:
            found.append(number)
    return found


@pytest.mark.parametrize(("logit", "seen"), [(4, True), (-5, False)])
def test_what_is_taken_away_is_not_motion_and_wakes_no_gate(logit: float, seen: bool) -> None:
    checks = [Checked(*[answer(logit)] * 100).check for _ in range(2)]
    gate = KeyFrameGate(check=checks[1])
    assert bool(walk_past(EveryFrame(check=checks[0]))) is seen
    assert bool(walk_past(gate)) is seen
    assert gate.mode is (GateMode.LIVE if seen else GateMode.IDLE)


def test_an_answer_is_read_by_the_card_of_the_version_that_gave_it() -> None:
    checked = Checked(answer(4), answer(4))
    versions = [card(), card().model_copy(update={"thresholds": {"moving": 0.999}})]
    opened = checked.check._open

    def exchanged() -> Asked:
        return Asked(backend=opened().backend, card=lambda: versions.pop(0))

    checked.check._open = exchanged
    assert checked.keep(LEFT) == (LEFT,)
    assert checked.keep(LEFT, t_s=60.0) == (), "the next version asks for more"
