"""Zones and masks are polygons in shares of the picture."""

import numpy as np

from gateway.perception.masks import blank
from gateway.perception.zones import Zones
from gateway.types import Box

TRIANGLE = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))


def test_a_box_is_where_the_middle_of_its_lower_edge_is() -> None:
    zones = Zones({"near": TRIANGLE})
    assert zones.of(Box(x0=0.0, y0=0.0, x1=0.2, y1=0.3)) == ("near",)
    assert zones.of(Box(x0=0.0, y0=0.0, x1=0.9, y1=0.9)) == (None,)


def test_zones_may_overlap_and_own_their_border() -> None:
    zones = Zones({"a": TRIANGLE, "b": ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))})
    assert zones.of(Box(x0=0.1, y0=0.0, x1=0.3, y1=0.5)) == ("a", "b")


def test_without_zones_there_is_the_whole_picture() -> None:
    assert Zones().of(Box(x0=0.1, y0=0.1, x1=0.2, y1=0.2)) == (None,)


def test_a_mask_blanks_the_cells_whose_middle_it_holds() -> None:
    looked_at = blank([((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))], 8, 4)
    assert looked_at is not None
    np.testing.assert_array_equal(looked_at, np.repeat([[0, 0, 0, 0, 255, 255, 255, 255]], 4, axis=0))


def test_no_mask_costs_nothing() -> None:
    assert blank((), 8, 4) is None
