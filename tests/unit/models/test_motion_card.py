"""The motion network that is shipped: it is where its card says, answers what it must, and fits the second look."""

from pathlib import Path

import pytest

from gateway.models import vectors
from gateway.models.litert import LiteRtBackend
from gateway.models.packaged import Packaged, packaged_cards
from gateway.perception.motion_grid import GRID, SIZE, Mover
from gateway.types import Box
from tests.models.motion.second_look import MODEL, shipped_check
from tests.unit.perception.test_motion_check import KNOWN, LUMA

CARD = packaged_cards()[MODEL]


def test_it_answers_as_its_golden_vectors_say(tmp_path: Path) -> None:
    packaged, backend = Packaged(tmp_path), LiteRtBackend()
    backend.load(CARD, packaged.path(CARD.main))
    assert CARD.golden is not None
    report = vectors.check(backend, CARD, packaged.path(CARD.golden).read_bytes())
    backend.close()
    assert report.cases >= 2
    assert report.holds


def test_its_tensors_are_those_of_the_second_look() -> None:
    (shown,), (said,) = CARD.inputs, CARD.outputs
    assert (shown.shape, said.shape) == ((1, *SIZE, 2), (1, *GRID, 1 + len(Mover)))
    assert shown.scale == pytest.approx(1 / 255, rel=1e-4)
    assert shown.zero_point == -128


def test_it_is_small_enough_to_ship() -> None:
    assert CARD.golden is not None
    assert CARD.bytes + CARD.golden.bytes <= 500_000


def test_a_box_around_nothing_is_taken_away() -> None:
    box = Box(x0=0.1, y0=0.1, x1=0.4, y1=0.5)
    assert shipped_check().keep(LUMA, KNOWN, (box,), 0.0) == ()


def test_a_box_around_somebody_stays() -> None:
    somebody = LUMA.copy()
    somebody[60:130, 150:170] = 200
    somebody[45:60, 154:166] = 30
    box = Box(x0=0.45, y0=0.22, x1=0.55, y1=0.74)
    assert shipped_check().keep(somebody, KNOWN, (box,), 0.0) == (box,)
