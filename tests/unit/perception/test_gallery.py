from dataclasses import replace

import numpy as np
import pytest

from gateway.perception.blazeface import Floats
from gateway.perception.gallery import Gallery, Template, Thresholds, Verdict, mean_template


def _axis(index: int) -> Floats:
    vector = np.zeros(128, np.float32)
    vector[index] = 1
    return vector


def _near(cosine: float, of: int = 0, towards: int = 100) -> Floats:
    return np.float32(cosine) * _axis(of) + np.float32((1 - cosine**2) ** 0.5) * _axis(towards)


def _gallery(*vectors: Floats, model: str = "m") -> Gallery:
    templates = tuple(
        Template(person=f"p{i}", name=f"Person {i}", model="m", vector=vector) for i, vector in enumerate(vectors)
    )
    return Gallery(model=model, templates=templates)


@pytest.mark.parametrize(
    ("cosine", "verdict"),
    [
        (1.0, Verdict.RECOGNISED),
        (0.9431, Verdict.RECOGNISED),
        (0.9429, Verdict.MAYBE),
        (0.9291, Verdict.MAYBE),
        (0.9289, Verdict.UNKNOWN),
        (-1.0, Verdict.UNKNOWN),
    ],
)
def test_the_verdict_follows_the_cosine(cosine: float, verdict: Verdict) -> None:
    match = _gallery(_axis(0), _axis(1)).match(_near(cosine))
    assert match.verdict is verdict


def test_the_nearest_is_named_with_score_and_margin() -> None:
    match = _gallery(_axis(0), _near(0.6, of=0, towards=1), _axis(5)).match(_near(0.98, of=0))
    assert (match.person, match.name) == ("p0", "Person 0")
    assert match.score == pytest.approx(0.98, abs=1e-5)
    assert match.margin == pytest.approx(0.98 - 0.98 * 0.6, abs=1e-5)


@pytest.mark.parametrize(("apart", "verdict"), [(0.1, Verdict.UNKNOWN), (0.3, Verdict.RECOGNISED)])
def test_two_look_alikes_are_not_guessed_between(apart: float, verdict: Verdict) -> None:
    """Cosines 1 and cos(apart): 0.1 rad leaves a margin of .005, 0.3 rad one of .045."""
    assert _gallery(_axis(0), _near(float(np.cos(apart)))).match(_axis(0)).verdict is verdict


def test_one_person_needs_no_margin() -> None:
    assert _gallery(_axis(0)).match(_near(0.95)).verdict is Verdict.RECOGNISED


def test_nobody_enrolled_knows_nobody() -> None:
    match = Gallery(model="m").match(_axis(0))
    assert (match.verdict, match.person, match.name) == (Verdict.UNKNOWN, None, None)


def test_templates_of_another_model_are_stale_and_never_match() -> None:
    gallery = _gallery(_axis(0), model="other")
    assert gallery.match(_axis(0)).verdict is Verdict.UNKNOWN
    assert [template.person for template in gallery.stale] == ["p0"]
    assert gallery.usable == ()


def test_templates_of_a_comparable_model_match() -> None:
    gallery = replace(_gallery(_axis(0), model="float"), model="int8", comparable=frozenset({"m"}))
    assert gallery.match(_axis(0)).verdict is Verdict.RECOGNISED
    assert gallery.stale == ()


def test_thresholds_come_from_the_card() -> None:
    assert Thresholds.of({"recognised": 0.5, "maybe": 0.4, "enrol_min": 0.9}) == Thresholds(recognised=0.5, maybe=0.4)
    assert Thresholds.of({}) == Thresholds(recognised=0.943, maybe=0.929, margin=0.015)


def test_the_mean_template_is_of_unit_length_between_its_parts() -> None:
    mean = mean_template([_axis(0), _axis(1)])
    assert mean.dtype == np.float32
    assert float(np.linalg.norm(mean)) == pytest.approx(1)
    assert mean[:2].tolist() == pytest.approx([0.5**0.5] * 2)
