"""The detector's contract: sizes, rates, warm-up, masks, priming. What it sees is in tests/models/motion."""

import numpy as np
import numpy.typing as npt
import pytest

from gateway.perception.cells import Grid
from gateway.perception.motion import MotionDetector
from gateway.types import Box

Luma = npt.NDArray[np.uint8]


def room(width: int, height: int) -> Luma:
    rng = np.random.default_rng(width)
    coarse = rng.integers(90, 140, (height // 8 + 1, width // 8 + 1), dtype=np.uint8)
    return coarse.repeat(8, axis=0).repeat(8, axis=1)[:height, :width]


def with_person(luma: Luma, left: float) -> Luma:
    """A bright upright shape, a third of the height, whose left edge is at `left` in [0, 1]."""
    height, width = luma.shape
    x = round(left * width)
    changed = luma.copy()
    changed[height // 3 : 2 * height // 3, x : x + width // 10] = 235
    return changed


def watched(detector: MotionDetector, width: int, height: int, fps: float, *, seconds: float = 3.0) -> MotionDetector:
    for n in range(round(seconds * fps)):
        verdict = detector.see(room(width, height), n / fps)
        assert verdict.boxes == ()
    return detector


@pytest.mark.parametrize(
    ("width", "height"),
    [(1280, 720), (1920, 1080), (640, 360), (768, 576), (640, 480), (352, 288), (176, 144), (720, 1280), (100, 75)],
)
@pytest.mark.parametrize("fps", [5, 15])
def test_a_figure_is_boxed_at_every_size_and_rate(width: int, height: int, fps: float) -> None:
    detector = watched(MotionDetector(), width, height, fps)
    for n in range(3):
        verdict = detector.see(with_person(room(width, height), 0.4 + 0.01 * n), 3 + n / fps)
    assert verdict.boxes[0].iou(Box(x0=0.42, y0=1 / 3, x1=0.52, y1=2 / 3)) > 0.55


def test_rows_may_be_padded_as_decoders_do() -> None:
    padded = np.zeros((720, 1344), np.uint8)
    padded[:, :1280] = room(1280, 720)
    np.testing.assert_array_equal(
        Grid.of(1280, 720).shrink(padded[:, :1280]), Grid.of(1280, 720).shrink(room(1280, 720))
    )


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (640, 360), (768, 576), (176, 144)])
def test_a_cell_is_the_mean_of_its_pixels(width: int, height: int) -> None:
    grid = Grid.of(width, height)
    plane = np.linspace(0, 255, width, dtype=np.float32)[None, :].repeat(height, axis=0)
    cells = grid.shrink(plane.astype(np.uint8))
    assert cells.shape == (grid.rows, grid.columns)
    expected = plane[:, : grid.columns * grid.cell].reshape(height, grid.columns, grid.cell).mean(axis=(0, 2))
    assert np.abs(cells - expected).max() < 1.5


def test_it_warms_up_for_a_time_not_for_a_number_of_frames() -> None:
    for fps in (5, 15, 30):
        detector = MotionDetector()
        warm = [detector.see(room(320, 180), n / fps).warming_up for n in range(3 * fps)]
        assert sum(warm) / fps == pytest.approx(1.3, abs=0.21)


def test_another_size_starts_anew() -> None:
    detector = watched(MotionDetector(), 320, 180, 10)
    assert detector.see(room(640, 360), 3.1).warming_up


def test_a_masked_part_is_not_looked_at() -> None:
    detector = watched(MotionDetector(masks=(((0.3, 0.2), (0.7, 0.2), (0.7, 0.8), (0.3, 0.8)),)), 320, 180, 10)
    inside = [detector.see(with_person(room(320, 180), 0.4 + 0.01 * n), 3 + n / 10) for n in range(5)]
    outside = [detector.see(with_person(room(320, 180), 0.05 + 0.01 * n), 3.5 + n / 10) for n in range(5)]
    assert not any(verdict.boxes for verdict in inside)
    assert any(verdict.boxes for verdict in outside)


def test_a_primed_detector_judges_at_once_and_at_any_time() -> None:
    teacher = watched(MotionDetector(), 320, 180, 10)
    detector = MotionDetector()
    detector.prime(teacher.known)
    earlier = [detector.see(with_person(room(320, 180), 0.4 + 0.01 * n), 1 + n / 10) for n in range(3)]
    assert not any(verdict.warming_up for verdict in earlier)
    assert earlier[-1].boxes


def test_priming_from_a_detector_that_saw_nothing_changes_nothing() -> None:
    detector = MotionDetector()
    detector.prime(MotionDetector().known)
    assert detector.see(room(320, 180), 0.0).warming_up


def test_a_clock_that_stands_still_or_jumps_back_harms_nothing() -> None:
    detector = watched(MotionDetector(), 320, 180, 10)
    for t_s in (2.9, 2.9, 1.0, 1.1, 500.0):
        assert not detector.see(room(320, 180), t_s).boxes
