"""What people want, as the band that the temperature is to stay in."""

from dataclasses import dataclass

import numpy as np

from gateway.climate.history import STEP_S
from gateway.climate.plan.ahead import STEPS, per_step
from gateway.climate.words import Floats, Wanted

TOLERANCE_C = 0.5
"""The room is comfortable down to so much under the target."""

STORED_C = 2.5
"""How far above the highest comfortable target heat may be stored where that saves money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """`low` and `high` in C for steps 1, 2, ... from now, (STEPS,)."""

    low: Floats
    high: Floats


def band(wanted: Wanted, margin_c: float) -> Band:
    """`margin_c` is kept above what is still comfortable, since foresight is not perfect."""
    targets = _targets(wanted)
    return Band(low=targets - TOLERANCE_C + margin_c, high=np.full(STEPS, np.max(targets) + STORED_C))


def _targets(wanted: Wanted) -> Floats:
    """The next change comes when it comes, later ones at the quarter hours of `Wanted.ahead`."""
    targets = per_step(wanted.ahead) if wanted.ahead else np.full(STEPS, wanted.target_c)
    if wanted.next_s is None or wanted.next_c is None:
        return targets
    change = int(np.clip(np.ceil(wanted.next_s / STEP_S) - 1, 0, STEPS))
    targets[:change] = wanted.target_c
    targets[change : change + 3] = wanted.next_c
    return targets
