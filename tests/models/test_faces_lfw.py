"""A small part of the measurements of docs/faces.md; `tests.models.face_protocol` makes them in full."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gateway.perception.faces import FacePipeline
from tests.models.face_protocol import (
    DIM_48,
    Vectors,
    households,
    pairs,
    person,
    read_all,
    verification,
)
from tests.models.faces import real_pipeline
from tests.models.tiny import shared

pytestmark = [pytest.mark.shared, pytest.mark.timeout(600)]

FOLDS = (3, 4, 5)
PEOPLE, STRANGERS = 12, 120


@pytest.fixture(scope="module")
def lfw() -> Path:
    return shared("data/lfw200")


@pytest.fixture(scope="module")
def pipeline() -> Iterator[FacePipeline]:
    with real_pipeline() as opened:
        yield opened


@pytest.fixture(scope="module")
def household_files(lfw: Path) -> list[Path]:
    """Six photos of each of a few people, and one photo of each of many strangers."""
    everybody = {person(name) for p in pairs(lfw / "pairs.txt") if p.fold in FOLDS for name in (p.first, p.second)}
    photos: dict[str, list[Path]] = {}
    for file in sorted(lfw.glob("*.jpg")):
        if person(file.stem) in everybody:
            photos.setdefault(person(file.stem), []).append(file)
    many = [own[:6] for own in photos.values() if len(own) >= 6][:PEOPLE]
    one = [own[:1] for own in photos.values() if len(own) < 6][:STRANGERS]
    return [file for own in many + one for file in own]


@pytest.fixture(scope="module")
def clean(household_files: list[Path], pipeline: FacePipeline) -> Vectors:
    vectors, reads = read_all(household_files, pipeline)
    assert len(vectors) == len(reads), "a face was missed"
    return vectors


def test_pairs_are_read_as_published(lfw: Path) -> None:
    told = pairs(lfw / "pairs.txt")
    assert len(told) == 3000
    assert [sum(p.fold == fold and p.same for p in told) for fold in range(1, 6)] == [300] * 5
    people = [{person(n) for p in told if p.fold == fold for n in (p.first, p.second)} for fold in range(1, 6)]
    assert all(not a & b for i, a in enumerate(people) for b in people[:i])


def test_same_and_different_pairs_are_told_apart(lfw: Path, pipeline: FacePipeline) -> None:
    told = [p for p in pairs(lfw / "pairs.txt") if p.fold in FOLDS]
    chosen = [p for fold in FOLDS for p in [q for q in told if q.fold == fold and q.same][:15]]
    chosen += [p for fold in FOLDS for p in [q for q in told if q.fold == fold and not q.same][:15]]
    files = [lfw / f"{name}.jpg" for name in sorted({name for p in chosen for name in (p.first, p.second)})]
    vectors, _ = read_all(files, pipeline)
    told_apart = verification(vectors, chosen)
    assert told_apart.tpr_1e2 >= 0.95
    assert told_apart.accuracy >= 0.93, "a threshold chosen on sixty pairs is a coarse one"


def test_a_household_is_recognised_and_strangers_are_not(clean: Vectors) -> None:
    told = households(clean, clean)
    identified, strangers, wrong = told.fixed["0.943"]
    assert told.identified >= 0.97
    assert identified >= 0.94
    assert strangers <= 0.005
    assert wrong <= 0.001


def test_a_far_dim_blurred_face_turns_into_a_stranger_not_into_somebody_else(
    clean: Vectors, household_files: list[Path], pipeline: FacePipeline
) -> None:
    spoilt, reads = read_all(household_files, pipeline, DIM_48)
    assert len(spoilt) >= 0.98 * len(reads)
    widths = [read.face_px for read in reads if read.vector is not None]
    assert float(np.median(widths)) == pytest.approx(48, abs=4)
    told = households(clean, spoilt)
    assert told.identified >= 0.75
    assert told.fixed["0.943"][2] <= 0.01
