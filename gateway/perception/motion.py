"""Motion on the luma of one camera: pure, no clock, no I/O; every constant in seconds.

A picture is shrunk to cells, compared with what the camera usually sees under today's light, cleaned of noise,
and what remains must show itself twice before it counts. docs/motion.md tells the design and its figures.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

from gateway.perception.arrays import Luma, Mask, Plane, above, both, distance
from gateway.perception.background import Background, Learning
from gateway.perception.cells import Grid
from gateway.perception.masks import Polygon, blank
from gateway.perception.showing import Region, Showings, ShowingSettings, painted
from gateway.types import Box

_FIRST_DT_S = 0.1
_LEAST_DT_S = 1e-3
_BLOCK = 8
_TOUCHED = 12
_CHANGE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSettings:
    """A light or camera switch: the mask holds `share` of the cells, at least twice as many as in the picture before,
    and reaches `spread` of the 8x8 blocks; or, sudden or not, `most_share` and `most_spread`; or the mean moves by
    `level` while `everywhere` of the cells differ. Nothing counts for `mute_s` after it."""

    share: float = 0.15
    spread: float = 0.65
    most_share: float = 0.35
    most_spread: float = 0.8
    level: float = 25.0
    everywhere: float = 0.8
    mute_s: float = 0.53


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionSettings:
    """A cell is strange beyond `floor` luma levels and `deviations` times its usual deviation; `warm_s` passes
    before the first verdict. No two pictures are taken to be more than `most_dt_s` apart."""

    floor: float = 8.0
    deviations: float = 6.0
    warm_s: float = 1.3
    most_dt_s: float = 1.0
    learning: Learning = field(default_factory=Learning)
    showing: ShowingSettings = field(default_factory=ShowingSettings)
    scene: SceneSettings = field(default_factory=SceneSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Of one picture: boxes of motion in [0, 1], largest first. While muted nothing is ever reported."""

    boxes: tuple[Box, ...] = ()
    scene_changed: bool = False
    warming_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a detector knows of its scene, to prime another one with."""

    grid: Grid
    background: Background


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """One picture on its way: its cells, how strange they are, from where on that counts, and where it does."""

    cells: Plane
    strange: Plane
    limit: Plane
    mask: Mask
    t_s: float
    dt_s: float


class MotionDetector:
    """One per camera. `see` in order of time; a picture of another size starts anew.

    `masks` are polygons in [0, 1] of the picture in which nothing is looked at.
    """

    def __init__(self, settings: MotionSettings | None = None, masks: tuple[Polygon, ...] = ()) -> None:
        self._set = settings or MotionSettings()
        self._masks = masks
        self._grid: Grid | None = None
        self._last_s: float | None = None

    def see(self, luma: Luma, t_s: float) -> Verdict:
        """Judge one picture, uint8 `(height, width)`, taken at `t_s` seconds of any one clock."""
        height, width = luma.shape
        if self._grid is None or (self._grid.width, self._grid.height) != (width, height):
            self._grid = Grid.of(width, height)
            self._begin(self._grid, Background(self._grid.shrink(luma), self._set.learning))
            self._last_s, self._quiet_until_s = t_s, t_s + self._set.warm_s
            return Verdict(warming_up=True)
        return self._judge(self._grid, self._grid.shrink(luma), t_s)

    @property
    def known(self) -> Known | None:
        """None before the first picture."""
        return None if self._grid is None else Known(grid=self._grid, background=self._back)

    def prime(self, known: Known | None) -> None:
        """Go on from what another detector knows, without a warm-up, and forget everything else; the next picture
        may be of any time."""
        if known is None:
            return
        self._grid = known.grid
        self._begin(known.grid, known.background.copy(self._set.learning))

    def _begin(self, grid: Grid, background: Background) -> None:
        self._back = background
        self._show = Showings((grid.rows, grid.columns), self._set.showing)
        self._open = blank(self._masks, grid.columns, grid.rows)
        self._last_s = None
        self._quiet_until_s = float("-inf")
        self._share = 1.0

    def _elapsed(self, t_s: float) -> float:
        """Seconds since the last picture, kept within reason: bursts, gaps and clocks that step."""
        last_s, self._last_s = self._last_s, t_s
        return _FIRST_DT_S if last_s is None else min(max(t_s - last_s, _LEAST_DT_S), self._set.most_dt_s)

    def _judge(self, grid: Grid, cells: Plane, t_s: float) -> Verdict:
        dt_s = self._elapsed(t_s)
        strange = self._back.strangeness(cells)
        if t_s < self._quiet_until_s:
            self._back.learn_first(cells, strange, dt_s)
            return Verdict(warming_up=True)
        picture = self._compared(cells, strange, t_s, dt_s)
        count = cv2.countNonZero(picture.mask)
        if self._switched(picture, count):
            self._back.restart(cells)
            self._show.forget()
            self._quiet_until_s = t_s + self._set.scene.mute_s
            return Verdict(scene_changed=True)
        regions = self._regions(picture) if count >= self._set.showing.least else []
        self._back.learn(cells, strange, dt_s, painted(regions, cells.shape) if regions else None)
        return Verdict(boxes=tuple(_box(grid, region) for region in regions))

    def _compared(self, cells: Plane, strange: Plane, t_s: float, dt_s: float) -> _Picture:
        limit = self._back.dev * np.float32(self._set.deviations)
        np.maximum(limit, np.float32(self._set.floor), out=limit)
        mask = above(strange, limit)
        if self._open is not None:
            mask = both(mask, self._open)
        return _Picture(cells=cells, strange=strange, limit=limit, mask=mask, t_s=t_s, dt_s=dt_s)

    def _regions(self, picture: _Picture) -> list[Region]:
        """What moves, largest first; what came to stand still is absorbed."""
        back, show, t_s = self._back, self._show, picture.t_s
        mask = back.uncover(picture.cells, picture.mask, picture.limit)
        shown = list(show.regions(mask, picture.dt_s))
        if not shown:
            return []
        changed = above(distance(picture.cells, back.recent), picture.limit * np.float32(_CHANGE))
        show.note_change(mask, changed, t_s)
        excess = picture.strange / picture.limit
        counting = [region for region in shown if show.counts(region, excess, t_s, picture.dt_s)]
        show.note(shown, counting, t_s)
        standing = [region for region in counting if show.still(region, mask, changed, t_s)]
        if standing:
            back.absorb(painted(standing, mask.shape))
        return sorted((region for region in counting if region not in standing), key=lambda region: -region.area)

    def _switched(self, picture: _Picture, count: int) -> bool:
        scene, before = self._set.scene, self._share
        share = self._share = count / picture.mask.size
        sudden = share > scene.share and share >= 2 * before and _spread(picture.mask) > scene.spread
        if sudden or (share > scene.most_share and _spread(picture.mask) > scene.most_spread):
            return True
        if abs(cv2.mean(picture.cells)[0] - cv2.mean(self._back.mean)[0]) <= scene.level:
            return False
        moved = above(distance(picture.cells, self._back.mean), picture.limit)
        return cv2.countNonZero(moved) > scene.everywhere * moved.size


def _spread(mask: Mask) -> float:
    """The share of blocks of 8x8 cells that the mask touches with more than a twentieth."""
    size = (max(1, mask.shape[1] // _BLOCK), max(1, mask.shape[0] // _BLOCK))
    blocks = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA))
    return float((blocks > _TOUCHED).mean())


def _box(grid: Grid, region: Region) -> Box:
    rows, columns = region.part.shape
    return grid.box(region.x, region.y, columns, rows)
