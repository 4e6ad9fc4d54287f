"""What the detector must and must not see, at 5 and at 15 fps, on drawn scenes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from gateway.perception.motion import MotionDetector
from tests.models.motion import drawn
from tests.models.motion.drawn import Paint, Scene

pytestmark = pytest.mark.parametrize("fps", [5, 15])

Times = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Frame times, whether each had motion, and when the scene changed; all in seconds."""

    t_s: Times
    moved: npt.NDArray[np.bool_]
    changed_s: list[float]

    def share(self, first_s: float, last_s: float) -> float:
        """The share of frames with motion between two times."""
        return float(self.moved[(self.t_s >= first_s) & (self.t_s < last_s)].mean())


def watch(fps: int, seconds: float, *paints: Paint, sigma: float = 2.5, width: int = 320, height: int = 180) -> Watched:
    detector, times, moved, changed = MotionDetector(), [], [], []
    scene = Scene(paints=paints, sigma=sigma, width=width, height=height)
    for t_s, luma in scene.frames(fps, seconds):
        verdict = detector.see(luma, t_s)
        times.append(t_s)
        moved.append(bool(verdict.boxes))
        changed += [t_s] if verdict.scene_changed else []
    return Watched(t_s=np.array(times), moved=np.array(moved), changed_s=changed)


def test_a_passing_cloud_is_not_motion(fps: int) -> None:
    seen = watch(fps, 45, drawn.cloud(10))
    assert seen.share(0, 45) == 0
    assert not seen.changed_s


def test_somebody_under_a_passing_cloud_is(fps: int) -> None:
    walker = drawn.figure(drawn.walk(15, 10), size=0.4, level=60)
    seen = watch(fps, 35, walker, drawn.cloud(10))
    assert seen.share(16.2, 23.8) == 1
    assert seen.share(0, 15) == seen.share(26, 35) == 0


@pytest.mark.parametrize("size", [0.1, 0.2])
def test_a_small_figure_is_seen_all_along(fps: int, size: float) -> None:
    seen = watch(fps, 30, drawn.figure(drawn.walk(8, 15, y=0.5), size=size, level=60), width=640, height=360)
    assert seen.share(10, 21) > 0.97
    assert seen.share(0, 8) == seen.share(24, 30) == 0


@pytest.mark.parametrize(("sigma", "factor"), [(2.5, 1.0), (9.0, 0.4)], ids=["day", "night"])
def test_noise_is_not_motion(fps: int, sigma: float, factor: float) -> None:
    assert watch(fps, 20, drawn.dark(factor), sigma=sigma).share(0, 20) == 0


def test_a_brightness_ramp_is_not_motion(fps: int) -> None:
    assert watch(fps, 25, drawn.ramp(8, 10)).share(0, 25) == 0


def test_lights_off_and_on_is_a_scene_change_not_motion(fps: int) -> None:
    seen = watch(fps, 25, drawn.dim(10, 18))
    assert seen.changed_s == pytest.approx([10, 18], abs=0.21)
    assert seen.share(0, 25) == 0


def test_rain_is_hardly_ever_motion_and_hides_nobody(fps: int) -> None:
    seen = watch(fps, 35, drawn.figure(drawn.walk(18, 10), size=0.4, level=60), drawn.rain(), width=640, height=360)
    assert seen.share(6, 18) == seen.share(29, 35) == 0
    assert seen.share(19.2, 26.8) > 0.97


def test_leaves_are_learned_and_hide_nobody(fps: int) -> None:
    walker = drawn.figure(drawn.walk(20, 10, y=0.6), size=0.4, level=50)
    seen = watch(fps, 35, drawn.leaves(), walker)
    assert seen.share(5, 20) == 0
    assert seen.share(21.2, 28.8) > 0.9


def test_a_parked_car_becomes_part_of_the_scene_and_leaves_no_ghost(fps: int) -> None:
    seen = watch(fps, 50, drawn.car(8, 36))
    assert seen.share(8.5, 18) == 1
    assert seen.share(25, 36) == 0
    assert seen.share(36.3, 37.8) == 1
    assert seen.share(39, 50) == 0


def test_somebody_who_stands_but_moves_is_never_absorbed(fps: int) -> None:
    visitor = drawn.figure(drawn.visit(8, 45, sway=0.012), size=0.6, level=40)
    seen = watch(fps, 55, visitor)
    assert seen.share(9, 46) > 0.98
    assert seen.share(48, 55) == 0


def test_a_talking_head_that_fills_the_picture_stays_motion(fps: int) -> None:
    seen = watch(fps, 45, drawn.head(8))
    assert not seen.changed_s
    assert seen.share(9, 45) > 0.98


def test_dark_clothes_in_the_dark(fps: int) -> None:
    seen = watch(fps, 22, drawn.figure(drawn.walk(8, 10), size=0.5, level=60), drawn.dark(0.3), sigma=3)
    assert seen.share(9.5, 16.5) > 0.95
    assert seen.share(0, 8) == seen.share(19, 22) == 0


def test_a_slow_walker(fps: int) -> None:
    seen = watch(fps, 50, drawn.figure(drawn.walk(8, 34), size=0.3, level=60))
    assert seen.share(12, 38) > 0.97
    assert seen.share(43, 50) == 0
