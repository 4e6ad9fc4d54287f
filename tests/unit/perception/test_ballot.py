import numpy as np
import pytest

from gateway.perception.ballot import Ballot, Look
from gateway.perception.blazeface import Floats
from gateway.perception.gallery import Gallery, Template, Verdict

STRANGER = 9


def _axis(index: int) -> Floats:
    vector = np.zeros(128, np.float32)
    vector[index] = 1
    return vector


def _look(cosine: float, of: int = 0, weight: float = 1.0) -> Look:
    vector = np.float32(cosine) * _axis(of) + np.float32((1 - cosine**2) ** 0.5) * _axis(STRANGER)
    return Look(vector=vector, weight=weight)


ANN = Template(person="a", name="Ann", model="m", vector=_axis(0))
BEN = Template(person="b", name="Ben", model="m", vector=_axis(1))
HOUSE = Gallery(model="m", templates=(ANN, BEN))


def _answers(looks: list[Look], gallery: Gallery = HOUSE) -> list[str | None]:
    ballot = Ballot()
    given = [ballot.cast(look, gallery) for look in looks]
    return [None if m is None else (m.name if m.verdict is Verdict.RECOGNISED else "nobody") for m in given]


def test_one_sure_look_is_enough_and_said_once() -> None:
    assert _answers([_look(0.97), _look(0.97), _look(0.97, of=1)]) == ["Ann", None, None]


@pytest.mark.parametrize(
    ("looks", "answers"),
    [
        ([0.935], [None]),
        ([0.935, 0.935], [None, "Ann"]),
        ([0.935, 0.5, 0.935], [None, None, "Ann"]),
        ([0.935, 0.5, 0.5, 0.935], [None, None, None, None]),
    ],
)
def test_maybe_counts_when_two_of_three_agree(looks: list[float], answers: list[str | None]) -> None:
    assert _answers([_look(cosine) for cosine in looks]) == answers


def test_two_maybes_of_different_people_do_not_agree() -> None:
    assert _answers([_look(0.935, of=0), _look(0.935, of=1), _look(0.5)]) == [None, None, None]


def test_nobody_after_five_looks_and_only_once() -> None:
    assert _answers([_look(0.5)] * 9) == [None] * 4 + ["nobody"] + [None] * 4


def test_a_maybe_holds_the_unknown_back() -> None:
    assert _answers([*[_look(0.5)] * 3, _look(0.935), _look(0.5), _look(0.5), _look(0.5)]) == [None] * 6 + ["nobody"]


def test_a_name_may_follow_an_unknown_but_nothing_follows_a_name() -> None:
    assert _answers([*[_look(0.5)] * 5, _look(0.97), *[_look(0.5)] * 6]) == [None] * 4 + ["nobody", "Ann"] + [None] * 6


def test_somebody_enrolled_meanwhile_is_named_in_the_same_track() -> None:
    ballot = Ballot()
    for _ in range(5):
        ballot.cast(_look(0.97), Gallery(model="m"))
    match = ballot.cast(_look(0.97), HOUSE)
    assert match is not None
    assert match.name == "Ann"
