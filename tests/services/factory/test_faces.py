"""The judges of the face models, on faces of nobody."""

from pathlib import Path

import numpy as np
import pytest

from gateway.errors import Refused
from services.factory.open_faces import Floats, Pair, accuracy, households, read_pairs, tpr
from services.factory.synthetic_faces import faces, scenes
from services.factory.weights import order


def unit(*values: float) -> Floats:
    vector = np.zeros(128, np.float32)
    vector[: len(values)] = values
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def pair(fold: int, first: str, second: str) -> Pair:
    return Pair(fold=fold, first=first, second=second, same=first[:-5] == second[:-5])


PEOPLE = {
    f"{who}_{n:04d}": unit(*(10.0 * (i == at) + 0.1 * n for at in range(8)))
    for i, who in enumerate("abcdefgh")
    for n in range(1, 8)
}
PAIRS = [
    pair(fold, *names)
    for fold in (1, 2)
    for names in (("a_0001", "a_0002"), ("b_0001", "b_0002"), ("a_0001", "b_0001"), ("c_0001", "d_0001"))
]


def test_people_that_differ_are_told_apart() -> None:
    assert accuracy(PEOPLE, PAIRS) == 1
    assert tpr(PEOPLE, PAIRS, 1e-3) == 1
    told = households(PEOPLE, 0.9)
    assert (told.identified, told.strangers, told.wrong) == (1, 0, 0)


def test_people_that_look_alike_are_confused() -> None:
    alike = dict.fromkeys(PEOPLE, unit(1))
    assert accuracy(alike, PAIRS) == 0.5
    assert tpr(alike, PAIRS, 1e-3) == 0
    told = households(alike, 0.9)
    assert told.strangers == 1
    assert told.identified + told.wrong == 1
    assert told.wrong > 0.5


def test_a_photo_without_a_face_is_unlike_everything() -> None:
    missing = {photo: vector for photo, vector in PEOPLE.items() if photo != "a_0002"}
    assert accuracy(missing, PAIRS) < 1


def test_pairs_are_read_with_their_folds(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text("2\t1\nAnn_B\t1\t2\nAnn_B\t3\tCy\t4\nDi\t5\t6\nDi\t1\tEd\t10\n", encoding="utf-8")
    assert read_pairs(file, frozenset({2})) == [
        Pair(fold=2, first="Di_0005", second="Di_0006", same=True),
        Pair(fold=2, first="Di_0001", second="Ed_0010", same=False),
    ]


@pytest.mark.parametrize("draw", [lambda rng: faces(rng, 5), lambda rng: scenes(rng, 5, 150)])
def test_drawn_faces_differ_and_repeat_with_the_seed(draw: object) -> None:
    assert callable(draw)
    first, again = list(draw(np.random.default_rng(5))), list(draw(np.random.default_rng(5)))
    assert all((one == other).all() for one, other in zip(first, again, strict=True))
    assert {picture.shape for picture in first} == {(150, 150, 3)}
    assert len({picture.tobytes() for picture in first}) == 5
    assert all(float(np.std(picture)) > 5 for picture in first)


def test_nothing_is_made_where_it_could_not_be_measured(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no_open_sets"):
        order("embedding", None, ["--out", str(tmp_path / "out"), "--data", str(tmp_path / "nowhere")])
    assert not (tmp_path / "out").exists()
