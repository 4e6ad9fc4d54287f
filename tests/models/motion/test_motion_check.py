"""The shipped network on scenes that it never saw: it takes false motion away and leaves people alone."""

import pytest

from tests.models.motion.nuisances import NUISANCES, empty_scene, people_sequences, walked_scene
from tests.models.motion.scenes import read_material, sequences
from tests.models.motion.second_look import Wrong, judge, shipped_check
from tests.models.tiny import shared


@pytest.mark.parametrize("name", ["headlights", "gust", "shadow", "moth"])
def test_false_motion_is_at_least_halved(name: str) -> None:
    wrong = judge(empty_scene(name), 3, shipped_check())
    assert wrong.false > 100
    assert wrong.left_false < wrong.false / 2


@pytest.mark.parametrize("name", list(NUISANCES))
def test_nobody_is_lost_among_it(name: str) -> None:
    wrong = judge(walked_scene(name), 3, shipped_check())
    assert wrong.left_missed <= wrong.missed + 3


def test_small_dark_standing_and_close_people_and_a_car_stay() -> None:
    wrong = sum((judge(sequence, 3, shipped_check()) for sequence in people_sequences()), Wrong())
    assert wrong.left_missed <= wrong.missed + 3


@pytest.mark.shared
@pytest.mark.parametrize("name", ["natural", "walk_night"])
def test_real_people_stay(name: str) -> None:
    material = read_material(shared("video/vtest.avi"))
    sequence = next(sequence for sequence in sequences(material) if sequence.name == name)
    wrong = judge(sequence, 3, shipped_check())
    assert wrong.left_missed <= wrong.missed + 3
    assert wrong.left_false <= wrong.false
