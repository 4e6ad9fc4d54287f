"""From a mask of strange cells to regions that count: cleaned of noise, seen twice, not standing still."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from gateway.perception.arrays import Flags, Mask, Plane, both, crowded, grown, inverse, opened
from gateway.perception.background import rate

_FEWEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowingSettings:
    """Sizes in cells, times in seconds.

    A region has `least_grown` cells after it was grown by one cell. `vote_s`: how long ago its first showing may be
    (0: one picture decides), and `overlap` the share of it that must have shown; `strong`: the summed excess over
    the limit that decides alone where pictures are more than `sparse_s` apart. `still_s`: after how long without
    change it is part of the scene; `alive`: the share of its cells that must change to count as change. `flicker`:
    the share of strange cells that are new in every picture from which on a scene is restless (rain, snow) and
    only thick regions are taken.
    """

    least: int = 9
    least_grown: int = 20
    neighbours: int = 4
    vote_s: float = 0.25
    overlap: float = 0.3
    strong: float = 60.0
    sparse_s: float = 0.12
    still_s: float = 9.0
    alive: float = 0.04
    flicker: float = 0.5
    flicker_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A rectangle of cells and which of them (of the rectangle's shape) belong; `area` of them."""

    x: int
    y: int
    part: Flags
    area: int

    @property
    def window(self) -> tuple[slice, slice]:
        rows, columns = self.part.shape
        return slice(self.y, self.y + rows), slice(self.x, self.x + columns)


def painted(regions: Sequence[Region], shape: tuple[int, ...]) -> Mask:
    """The regions as one mask."""
    canvas = np.zeros(shape, np.uint8)
    for region in regions:
        canvas[region.window][region.part] = 255
    return canvas


class Showings:
    """What has shown itself where and when, and when it last changed."""

    def __init__(self, shape: tuple[int, ...], settings: ShowingSettings) -> None:
        self._set = settings
        self._shown_s = np.full(shape, -np.inf)
        self._moved_s = np.full(shape, np.inf)
        self._before = np.zeros(shape, np.uint8)
        self._known = np.zeros(shape, np.uint8)
        self._flicker = 0.0

    def forget(self) -> None:
        """Nothing has shown yet."""
        self._shown_s[:] = -np.inf

    def regions(self, mask: Mask, dt_s: float) -> Iterator[Region]:
        """Connected regions of the cleaned mask, grown by one cell, that are large enough."""
        cleaned = crowded(mask, self._set.neighbours)
        self._watch_flicker(cleaned, dt_s)
        if self._flicker > self._set.flicker:
            cleaned = opened(mask)
        if cv2.countNonZero(cleaned) < _FEWEST:
            return
        count, labels, stats, _ = cv2.connectedComponentsWithStats(grown(cleaned, 1), connectivity=8)
        for label in range(1, count):
            x, y, columns, rows, area = (int(value) for value in stats[label])
            if area >= self._set.least_grown:
                yield Region(x=x, y=y, part=labels[y : y + rows, x : x + columns] == label, area=area)

    def _watch_flicker(self, cleaned: Mask, dt_s: float) -> None:
        """Outside of what already counts: which share of the cells had nothing near in the picture before."""
        loose = both(cleaned, inverse(self._known))
        count = cv2.countNonZero(loose)
        if count >= self._set.least:
            new = 1.0 - cv2.countNonZero(both(loose, grown(self._before, 2))) / count
            self._flicker += rate(dt_s, self._set.flicker_s) * (new - self._flicker)
        self._before = cleaned

    def counts(self, region: Region, excess: Plane, t_s: float, dt_s: float) -> bool:
        """Whether it has shown before at this place, or is strong and pictures are sparse."""
        limits = self._set
        if limits.vote_s == 0:
            return True
        again = t_s - self._shown_s[region.window][region.part] <= max(limits.vote_s, 1.2 * dt_s)
        if float(again.mean()) >= limits.overlap:
            return True
        return dt_s >= limits.sparse_s and float(excess[region.window][region.part].sum()) >= limits.strong

    def note(self, shown: Sequence[Region], counting: Sequence[Region], t_s: float) -> None:
        """Remember what showed in this picture and what of it counts."""
        self._known = painted(counting, self._known.shape)
        for region in shown:
            self._shown_s[region.window][region.part] = t_s

    def note_change(self, mask: Mask, changed: Mask, t_s: float) -> None:
        """Cells out of the mask, and cells that changed lately, start their stillness anew."""
        np.minimum(self._moved_s, t_s, out=self._moved_s)
        self._moved_s[(changed > 0) | (mask == 0)] = t_s

    def still(self, region: Region, mask: Mask, changed: Mask, t_s: float) -> bool:
        """Whether the region stopped changing long ago; one of which a part changes is alive as a whole."""
        part = region.part & (mask[region.window] > 0)
        moving = np.count_nonzero(changed[region.window][part])
        if moving > max(2.0, self._set.alive * np.count_nonzero(part)):
            self._moved_s[region.window][part] = t_s
            return False
        return float((t_s - self._moved_s[region.window][part] > self._set.still_s).mean()) > 0.5
