"""Where to look for faces: square regions around what moved, never a whole wide frame."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.perception.blazeface import Face
from gateway.types import Box

LEAST_SIDE_PX = 192
MOST_SIDE_PX = 570
"""The detector finds faces from 7 % of the side: in a square of this size every face of 40 px or more."""

_ROOM = 1.3
_TALL = 1.6
_ABOUT = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A rectangle in px within the frame; square unless the frame is too small for that."""

    x0: int
    y0: int
    x1: int
    y1: int

    def covers(self, other: "Region") -> bool:
        """Whether looking here makes looking there superfluous."""
        wide = max(0, min(self.x1, other.x1) - max(self.x0, other.x0))
        high = max(0, min(self.y1, other.y1) - max(self.y0, other.y0))
        return wide * high >= 0.8 * (other.x1 - other.x0) * (other.y1 - other.y0)


def regions(boxes: Sequence[Box], size: tuple[int, int]) -> tuple[Region, ...]:
    """Where faces may be in a frame of `size` (width, height) px, given what moved: largest first.

    Something tall is taken for a person and its upper part looked at. What is larger than one square can search is
    covered by one coarse square (a face near the camera) and by tiles, the upper ones first.
    """
    areas = _joined([box.pixels(*size) for box in boxes])
    areas.sort(key=lambda a: -(a[2] - a[0]) * (a[3] - a[1]))
    found = [region for area in areas for region in _covering(area, size)]
    return tuple(dict.fromkeys(found))


def around(face: Face, size: tuple[int, int]) -> Region:
    """The square about a face, in px of the frame, that leaves it a third of the side."""
    return _square(*face.centre, max(LEAST_SIDE_PX / 2, face.width * _ABOUT), size)


def _covering(area: tuple[int, int, int, int], size: tuple[int, int]) -> list[Region]:
    x0, y0, x1, y1 = area
    width, height = x1 - x0, y1 - y0
    if height > _TALL * width:
        height = max(width, height // 2)
    side = max(LEAST_SIDE_PX, _ROOM * max(width, height))
    coarse = _square((x0 + x1) / 2, y0 + height / 2, side, size)
    whole = coarse.x0 <= x0 and coarse.x1 >= x1 and coarse.y0 <= y0 and coarse.y1 >= y0 + height
    if whole and max(coarse.x1 - coarse.x0, coarse.y1 - coarse.y0) <= MOST_SIDE_PX:
        return [coarse]
    return [coarse, *_tiles((x0, y0, x1, y0 + height), size)]


def _tiles(area: tuple[int, int, int, int], size: tuple[int, int]) -> list[Region]:
    side = min(MOST_SIDE_PX, *size)
    columns, rows = _steps(area[0], area[2], side), _steps(area[1], area[3], side)
    return [_square(x + side / 2, y + side / 2, side, size) for y in rows for x in columns]


def _steps(low: int, high: int, side: int) -> list[float]:
    """Starts of overlapping tiles that cover low..high."""
    span = high - low
    if span <= side:
        return [low + (span - side) / 2]
    count = -(-(span - side) // (side * 3 // 4)) + 1
    return [low + (span - side) * i / (count - 1) for i in range(count)]


def _square(x: float, y: float, side: float, size: tuple[int, int]) -> Region:
    """The square pushed into the frame, cut where the frame is smaller."""
    most = max(MOST_SIDE_PX, min(size))
    wide, high = min(round(side), size[0], most), min(round(side), size[1], most)
    x0 = min(max(0, round(x - wide / 2)), size[0] - wide)
    y0 = min(max(0, round(y - high / 2)), size[1] - high)
    return Region(x0=x0, y0=y0, x1=x0 + wide, y1=y0 + high)


def _joined(areas: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Overlapping rectangles become one, until none overlap."""
    left = [a for a in areas if a[2] > a[0] and a[3] > a[1]]
    joined: list[tuple[int, int, int, int]] = []
    while left:
        area = left.pop()
        touching = [o for o in left if _touch(area, o)]
        if not touching:
            joined.append(area)
            continue
        left = [o for o in left if o not in touching]
        group = [area, *touching]
        left.append(
            (
                min(a[0] for a in group),
                min(a[1] for a in group),
                max(a[2] for a in group),
                max(a[3] for a in group),
            )
        )
    return joined


def _touch(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
