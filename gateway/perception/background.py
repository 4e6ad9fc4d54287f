"""What a fixed camera usually sees: per cell a running mean, a running deviation and one earlier background.

All planes are in luma levels; every constant is a time constant in seconds, so that the model behaves alike at
every frame rate.
"""

from dataclasses import dataclass
from math import exp

import cv2
import numpy as np

from gateway.perception.arrays import Flags, Mask, Plane, blend, coarse, distance, fine, inverse, largest, smooth

_DEV_START = 3.0
_STEP = 8
_LIGHT_STEADY = 0.25
_LIGHT_MOVED = 2.0
_DARKEST = 4.0
_SAME = 4.0
_LEFT_S = 3.0
_FEW_FREE = 0.05
_COVERED = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """Time constants in seconds: of the mean and of the deviation (`noise`), outside and inside of regions, of
    everything while warming up, and of the fast mean that tells what still changes."""

    outside_s: float = 3.3
    inside_s: float = 120.0
    noise_s: float = 3.3
    noise_inside_s: float = 600.0
    first_s: float = 0.3
    recent_s: float = 1.0


def rate(dt_s: float, tau_s: float) -> float:
    """The share of the new value in a running mean with time constant `tau_s`, `dt_s` after the last."""
    return 1.0 - exp(-dt_s / tau_s)


class Background:
    """Starts as the first picture. `mean` is what is usual, `dev` how far it usually strays, `recent` a fast mean.

    `earlier` is what a cell showed before something came to stand there: when that leaves, nothing remains.
    """

    def __init__(self, cells: Plane, learning: Learning) -> None:
        self._tau = learning
        self._t = 0.0
        self.mean = cells.copy()
        self.recent = cells.copy()
        self.dev = np.full_like(cells, _DEV_START)
        self.earlier = cells.copy()
        self.taken_in: Flags = np.zeros(cells.shape, np.bool_)
        self._free: Flags = np.ones((1, 1), np.bool_)
        self._around: Plane | None = None
        self._inside_s = np.full(cells.shape, -np.inf)

    def copy(self, learning: Learning) -> "Background":
        """One that knows the same and learns at a pace of its own."""
        twin = Background(self.mean, learning)
        for name in ("recent", "dev", "earlier", "taken_in"):
            setattr(twin, name, getattr(self, name).copy())
        return twin

    def strangeness(self, cells: Plane) -> Plane:
        """How far each cell is from what is usual under today's light: |difference| less what the median of its
        neighbourhood of 40x40 cells does, taken either as an offset or as a gain, whichever explains more."""
        diff = np.asarray(cv2.subtract(cells, self.mean), np.float32)
        light = self._light(diff)
        moved = largest(light)
        if moved < _LIGHT_STEADY:
            return np.abs(diff, out=diff)
        strange = distance(diff, fine(light, cells.shape))
        if moved < _LIGHT_MOVED:
            return strange
        gain: Plane = light / smooth(coarse(self.mean, _STEP), 5).clip(min=_DARKEST)
        return np.minimum(strange, distance(diff, self.mean * fine(gain, cells.shape)))

    def _light(self, diff: Plane) -> Plane:
        """What neighbourhoods do in common, on the coarse grid; known regions have no say in it."""
        common = coarse(diff, _STEP)
        if self._around is not None:
            common = np.where(self._free, common, self._around)
            self._around = None
        return smooth(np.asarray(cv2.medianBlur(common, 5), np.float32), 3)

    def learn_first(self, cells: Plane, strange: Plane, dt_s: float) -> None:
        """Take one picture in quickly: at the start and after a scene switch."""
        self._t += dt_s
        blend(cells, self.recent, rate(dt_s, self._tau.first_s))
        blend(cells, self.mean, rate(dt_s, self._tau.first_s))
        blend(strange, self.dev, rate(dt_s, self._tau.noise_s))

    def learn(self, cells: Plane, strange: Plane, dt_s: float, regions: Mask | None) -> None:
        """Take one picture in; cells inside `regions` are learned slowly and follow the light around them."""
        tau = self._tau
        self._t += dt_s
        blend(cells, self.recent, rate(dt_s, tau.recent_s))
        outside = None if regions is None else inverse(regions)
        if regions is not None:
            self._enter(regions > 0, self._light_around(cells, regions) * np.float32(rate(dt_s, tau.outside_s)))
            blend(cells, self.mean, rate(dt_s, tau.inside_s), regions)
            blend(strange, self.dev, rate(dt_s, tau.noise_inside_s), regions)
        blend(cells, self.mean, rate(dt_s, tau.outside_s), outside)
        blend(strange, self.dev, rate(dt_s, tau.noise_s), outside)

    def _enter(self, inside: Flags, light: Plane) -> None:
        """Remember what cells that were outside for a while showed, unless they remember an older scene."""
        entered = inside & (self._t - self._inside_s > _LEFT_S) & ~self.taken_in
        self.earlier[entered] = self.mean[entered]
        self._inside_s[inside] = self._t
        self.mean[inside] += light[inside]
        self.earlier[inside] += light[inside]

    def _light_around(self, cells: Plane, regions: Mask) -> Plane:
        """The low-pass of the difference as the cells outside of `regions` tell it, also for those inside."""
        self._free = coarse(regions.astype(np.float32), _STEP) < _COVERED
        free = self._free.astype(np.float32)
        diff = coarse(np.asarray(cv2.subtract(cells, self.mean), np.float32), _STEP)
        light: Plane = smooth(diff * free, 9) / smooth(free, 9).clip(min=_FEW_FREE)
        self._around = light
        return fine(light, cells.shape)

    def restart(self, cells: Plane) -> None:
        """A new scene: what is seen now is the background; how noisy a cell is stays known."""
        self.mean[:] = cells
        self.recent[:] = cells
        self._inside_s[:] = -np.inf
        self.taken_in[:] = False

    def absorb(self, region: Mask) -> None:
        """What stands in `region` belongs to the scene now."""
        inside = (region > 0) & (np.abs(self.mean - self.recent) > _SAME)
        self.taken_in |= inside
        self.mean[inside] = self.recent[inside]
        self.dev[inside] = np.minimum(self.dev[inside], np.float32(_DEV_START))

    def uncover(self, cells: Plane, mask: Mask, limit: Plane) -> Mask:
        """Where the earlier background shows again, swap it back; gives the mask without those cells.

        What was remembered is worth something only while a thing stands there or was taken in: light moves on."""
        back = (mask > 0) & (self.taken_in | (self._t - self._inside_s <= _LEFT_S))
        if not back.any():
            return mask
        back &= np.abs(cells - self.earlier) < limit
        self.mean[back], self.earlier[back] = self.earlier[back], self.mean[back]
        return np.where(back, np.uint8(0), mask)
