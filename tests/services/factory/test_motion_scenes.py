"""What trains the motion network: reproducible, truthful, and never what judges it."""

from collections.abc import Callable

import numpy as np
import pytest

from services.factory.motion import clutter, looks, scenes, weather
from services.factory.motion.data import MOST_BOXES, gather
from services.factory.motion.figures import crossing, cut_out, faint
from services.factory.motion.material import HELD_OUT, WINDOWS, Material, people_mask
from services.factory.motion.planes import HEIGHT, WIDTH, Kind, Patch, Placed, Plane, lay
from services.factory.motion.rooms import room


def rng(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


def footage() -> Material:
    """As the film's, drawn: an even ground on which somebody walks through every window."""
    empty = rng().integers(90, 110, (576, 768), dtype=np.uint8)
    frames = []
    for number in range(60):
        frame = empty.copy()
        frame[100:160, 10 * number : 10 * number + 25] = 220
        frames.append(frame)
    person = Patch(np.full((60, 25), 220, np.float32), np.ones((60, 25), np.float32))
    return Material(empty=empty, frames=tuple(frames), people=(person,))


def test_no_window_that_trains_touches_the_crop_that_judges() -> None:
    x0, y0, x1, y1 = HELD_OUT
    assert all(x >= x1 or y >= y1 or x + width <= x0 or y + height <= y0 for x, y, width, height in WINDOWS)


def test_the_same_seed_gives_the_same_pairs() -> None:
    first, again, other = (gather(footage(), seed, 30, lambda _line: None) for seed in (3, 3, 4))
    assert np.array_equal(first.pictures, again.pictures)
    assert np.array_equal(first.covered, again.covered)
    assert not np.array_equal(first.pictures, other.pictures)


def test_a_pair_is_what_the_gateway_would_show_with_the_boxes_it_would_judge() -> None:
    pairs = gather(footage(), 3, 30, lambda _line: None)
    assert pairs.pictures.shape == (30, 96, 160, 2)
    assert pairs.boxes.shape == (30, MOST_BOXES, 12, 20)
    assert pairs.boxes.any(axis=(1, 2, 3)).all()
    assert (pairs.pictures[..., 0] != pairs.pictures[..., 1]).any(axis=(1, 2)).all()


@pytest.mark.parametrize("make", [maker for maker, _ in scenes.NUISANCES], ids=lambda maker: maker.__name__)
def test_weather_changes_a_picture_but_not_the_one_it_is_given(
    make: Callable[..., Callable[[Plane, float], Plane]],
) -> None:
    plane = room(rng())
    kept, changes = plane.copy(), make(rng())
    shown = [changes(plane, t_s / 4) for t_s in range(40)]
    assert np.array_equal(plane, kept)
    assert all(np.isfinite(picture).all() and picture.shape == (HEIGHT, WIDTH) for picture in shown)
    assert any(np.abs(picture - plane).max() > 5 for picture in shown)


@pytest.mark.parametrize("make", [looks.person, looks.close_up, looks.vehicle, looks.animal])
def test_a_figure_crosses_the_picture_and_leaves(make: Callable[[np.random.Generator, int], looks.Look]) -> None:
    figure = crossing(make(rng(), 60), Kind.PERSON, rng(), start_s=2, seconds=4)
    assert figure(1.9) is None
    assert figure(6.1) is None
    placed = figure(4.0)
    assert placed is not None
    assert lay(room(rng()), placed).sum() > 100


def test_truth_knows_a_figure_however_faint() -> None:
    patch = footage().people[0]
    look = faint(cut_out(patch, 60, rng()), 0.15)
    plane = np.full((HEIGHT, WIDTH), 100, np.float32)
    covered = lay(plane, Placed(look(0.0), 100, 60, Kind.PERSON))
    assert np.abs(plane - 100).max() < 40
    assert covered[90, 112] == 1
    assert covered.sum() == pytest.approx(60 * 25, rel=0.1)


def test_flutter_is_nobody() -> None:
    empty = np.full((200, 200), 100, np.uint8)
    frame = empty.copy()
    frame[50:100, 50:70] = 200
    frame[150:152, ::14] = 140
    mask = people_mask(frame, empty)
    assert mask[75, 60] == 255
    assert not mask[140:].any()


def test_shadows_darken() -> None:
    change = weather.shadow_of(rng(), footage().people[0])
    plane = np.full((HEIGHT, WIDTH), 100, np.float32)
    seen = [change(plane, t_s / 5) for t_s in range(80)]
    assert min(float(np.min(picture)) for picture in seen) < 92
    assert max(float(np.max(picture)) for picture in seen) <= 100


def test_leaves_are_still_before_the_gust() -> None:
    for make in (clutter.foliage, clutter.twigs):
        change, plane = make(rng(1)), room(rng())
        calm = np.abs(change(plane, 0.1) - change(plane, 0.4)).mean()
        windy = np.abs(change(plane, 8.1) - change(plane, 8.4)).mean()
        assert windy > 2 * calm
