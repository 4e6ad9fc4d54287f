import numpy as np
import pytest

from gateway.perception.blazeface import Rgb
from gateway.perception.daylight import DARK, lightened
from gateway.testing.drawn_face import draw_face


def _chip() -> Rgb:
    return draw_face(size=(150, 150), width_px=100)


def test_a_face_in_usual_light_is_left_alone() -> None:
    chip = _chip()
    assert lightened(chip) is chip


@pytest.mark.parametrize("share", [0.1, 0.2, 0.35])
def test_a_dark_face_gets_usual_light_and_contrast(share: float) -> None:
    dark = (_chip() * share).astype(np.uint8)
    assert dark[25:125, 25:125].mean() < DARK
    core = lightened(dark)[25:125, 25:125]
    assert core.mean() == pytest.approx(120, abs=8)
    assert core.std() == pytest.approx(48, abs=10)


def test_the_noise_of_the_dark_is_not_brought_up_with_it() -> None:
    flat = np.full((150, 150, 3), 30, np.int16)
    flat[:, 75:] = 50
    noisy = np.clip(flat + np.random.default_rng(2).normal(0, 2, flat.shape), 0, 255).astype(np.uint8)
    gain = 48 / noisy[25:125, 25:125].std()
    assert lightened(noisy)[40:110, 30:60].std() < 0.5 * gain * noisy[40:110, 30:60].std()


def test_black_stays_finite() -> None:
    made = lightened(np.zeros((150, 150, 3), np.uint8))
    assert made.shape == (150, 150, 3)
    assert made.std() == 0
