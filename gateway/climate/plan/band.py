"""What people want, as the band that the temperature is to stay in."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gateway.climate.grid import STEPS, STEPS_A_QUARTER
from gateway.climate.history import STEP_S
from gateway.climate.plan.ahead import per_step
from gateway.climate.plan.course import Course
from gateway.climate.words import Floats, Wanted

TOLERANCE_C = 0.5
"""The room is comfortable down to so much under the target."""

STORED_C = 2.5
"""How far above the highest comfortable target heat may be stored where that saves money."""


_EDGE_KH = 0.012
"""What one change of the target may cost in K.h below the band; a week has about fourteen."""

_HOUR = 12
_MOST_GRACE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """`low` and `high` in C for steps 1, 2, ... from now, (STEPS,)."""

    low: Floats
    high: Floats


def band(wanted: Wanted, margin_c: float, grace: int) -> Band:
    """`margin_c` is kept above what is still comfortable, as foresight is not perfect. For `grace` steps after a rise
    of the target and before a fall the lower one counts."""
    targets = _targets(wanted)
    low = np.min(sliding_window_view(np.pad(targets, grace, mode="edge"), 2 * grace + 1), axis=1)
    return Band(low=low - TOLERANCE_C + margin_c, high=np.full(STEPS, np.max(targets) + STORED_C))


def grace_steps(view: Course) -> int:
    """Steps in which a room that is let go, or comes late, falls short by `_EDGE_KH`: it is there that a little comfort
    buys the most heat."""
    return int(np.clip(_HOUR * np.sqrt(2 * _EDGE_KH / view.pace_k_h), 0, _MOST_GRACE))


def _targets(wanted: Wanted) -> Floats:
    """The next change comes when it comes, later ones at the quarter hours of `Wanted.ahead`."""
    targets = per_step(wanted.ahead) if wanted.ahead else np.full(STEPS, wanted.target_c)
    if wanted.next_s is None or wanted.next_c is None:
        return targets
    change = int(np.clip(np.ceil(wanted.next_s / STEP_S) - 1, 0, STEPS))
    targets[:change] = wanted.target_c
    targets[change : change + STEPS_A_QUARTER] = wanted.next_c
    return targets
