import random

import pytest

from gateway.perception.regions import LEAST_SIDE_PX, MOST_SIDE_PX, Region, around, regions
from gateway.types import Box
from tests.unit.perception.painted import face

SIZES = [(1280, 720), (1920, 1080), (640, 480), (720, 1280), (176, 144), (320, 180)]


def _box(x0: float, y0: float, x1: float, y1: float, size: tuple[int, int] = (1280, 720)) -> Box:
    return Box(x0=x0 / size[0], y0=y0 / size[1], x1=x1 / size[0], y1=y1 / size[1])


def test_nothing_moved_nothing_to_look_at() -> None:
    assert regions([], (1280, 720)) == ()
    assert regions([Box(x0=0.5, y0=0.5, x1=0.5, y1=0.5)], (1280, 720)) == ()


@pytest.mark.parametrize("size", SIZES)
def test_every_region_lies_in_the_frame_and_is_never_a_whole_wide_one(size: tuple[int, int]) -> None:
    rng = random.Random(5)
    for _ in range(200):
        x, y = sorted((rng.random(), rng.random())), sorted((rng.random(), rng.random()))
        for region in regions([Box(x0=x[0], y0=y[0], x1=x[1], y1=y[1])], size):
            assert 0 <= region.x0 < region.x1 <= size[0]
            assert 0 <= region.y0 < region.y1 <= size[1]
            assert max(region.x1 - region.x0, region.y1 - region.y0) <= max(MOST_SIDE_PX, min(size))


def test_a_small_thing_gets_a_square_of_the_least_size_around_it() -> None:
    (region,) = regions([_box(600, 300, 640, 340)], (1280, 720))
    assert (region.x1 - region.x0, region.y1 - region.y0) == (LEAST_SIDE_PX, LEAST_SIDE_PX)
    assert (region.x0 + region.x1, region.y0 + region.y1) == (2 * 620, 2 * 320)


def test_of_a_standing_figure_the_upper_part_is_looked_at() -> None:
    (region,) = regions([_box(600, 100, 760, 700)], (1280, 720))
    assert region.y0 <= 100
    assert region.y1 < 550


def test_at_the_edge_the_square_is_pushed_in_not_cut() -> None:
    (region,) = regions([_box(1240, 0, 1280, 40)], (1280, 720))
    assert region == Region(x0=1280 - LEAST_SIDE_PX, y0=0, x1=1280, y1=LEAST_SIDE_PX)


def test_overlapping_motion_is_looked_at_once() -> None:
    boxes = [_box(600, 300, 700, 400), _box(650, 350, 760, 420), _box(100, 100, 150, 150)]
    assert len(regions(boxes, (1280, 720))) == 2


@pytest.mark.parametrize("size", SIZES)
def test_any_recognisable_face_within_the_motion_is_large_enough_in_some_region(size: tuple[int, int]) -> None:
    """A 40 px face anywhere in the upper part of what moved: found from 7 % of the side of a region that holds it."""
    x0, y0, x1, y1 = 0.02 * size[0], 0.04 * size[1], 0.97 * size[0], 0.96 * size[1]
    height = y1 - y0 if y1 - y0 <= 1.6 * (x1 - x0) else max(x1 - x0, (y1 - y0) // 2)
    found = regions([_box(x0, y0, x1, y1, size)], size)
    steps = [i / 12 for i in range(13)]
    for cx, cy in [(x0 + 20 + u * (x1 - x0 - 40), y0 + 20 + v * (height - 40)) for u in steps for v in steps]:
        holding = [r for r in found if r.x0 <= cx - 19 and r.x1 >= cx + 19 and r.y0 <= cy - 19 and r.y1 >= cy + 19]
        assert any(40 / max(r.x1 - r.x0, r.y1 - r.y0) >= 0.07 for r in holding), (cx, cy, found)


def test_a_followed_face_takes_a_third_of_its_square() -> None:
    region = around(face(640, 360, 100), (1280, 720))
    assert region == Region(x0=490, y0=210, x1=790, y1=510)


def test_covering() -> None:
    large = Region(x0=0, y0=0, x1=100, y1=100)
    assert large.covers(Region(x0=10, y0=10, x1=60, y1=60))
    assert large.covers(Region(x0=0, y0=10, x1=100, y1=115))
    assert not large.covers(Region(x0=50, y0=0, x1=150, y1=100))
