"""What a push now does to the air for the day to come, so that a forecast is four sums."""

from dataclasses import dataclass

import numpy as np

from gateway.climate.model import thermal
from gateway.climate.words import Floats

STEPS_AHEAD = 288
"""How far responses are known: a day of `STEP_S`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """What the air temperature `1 + k` steps ahead owes, k up to `STEPS_AHEAD`: to the state `state` (n, 4), and to
    one step's duty, heat, outdoor temperature and usual heat `k` steps before, each (n,). Heat is duty after its delay,
    which `delay` (MAX_DELAY + 1,) spreads over the steps that follow."""

    state: Floats
    duty: Floats
    heat: Floats
    delay: Floats
    outdoor: Floats
    usual: Floats


def responses(discrete: thermal.Discrete, delay: float) -> Responses:
    seen = np.empty((STEPS_AHEAD + 1 + thermal.MAX_DELAY, thermal.STATES))
    seen[0] = np.eye(thermal.STATES)[0]
    for number in range(1, len(seen)):
        seen[number] = seen[number - 1] @ discrete.a[0]
    pushed = seen @ discrete.b[0]
    weights = thermal.delay_weights(np.array([delay]))[0]
    return Responses(
        state=seen[1:],
        duty=np.convolve(pushed[:, 0], weights)[: len(pushed)],
        heat=pushed[:, 0],
        delay=weights,
        outdoor=pushed[:, 1],
        usual=pushed[:, 2],
    )
