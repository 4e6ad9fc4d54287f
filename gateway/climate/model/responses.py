"""What a push now does to a temperature for the day to come, so that a forecast is four sums."""

from dataclasses import dataclass

import numpy as np

from gateway.climate.model import thermal
from gateway.climate.words import Floats

STEPS_AHEAD = 288
"""How far responses are known: a day of `STEP_S`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """What a temperature `1 + k` steps ahead owes, k up to `STEPS_AHEAD`: to `state` (n, 4), and to one step's
    duty, heat, outdoor temperature and usual heat `k` steps before, each (n,). Heat is duty after its delay, which
    `delay` (MAX_DELAY + 1,) spreads over the steps that follow."""

    state: Floats
    duty: Floats
    heat: Floats
    delay: Floats
    outdoor: Floats
    usual: Floats

    def temps(self, state: Floats, duty: Floats, outdoor: Floats, usual: Floats) -> Floats:
        """1, 2, ... n steps after `state` (4,). `duty` (n + MAX_DELAY,) begins with the last steps' duties, which are
        still under way; `outdoor` and `usual` heat (n,) are those of the steps to come."""
        steps = len(outdoor)
        heat = np.convolve(duty, self.delay)[thermal.MAX_DELAY : thermal.MAX_DELAY + steps]
        return np.asarray(
            self.state[:steps] @ state
            + np.convolve(self.heat[:steps], heat)[:steps]
            + np.convolve(self.outdoor[:steps], outdoor)[:steps]
            + np.convolve(self.usual[:steps], usual)[:steps],
            np.float64,
        )


def responses(discrete: thermal.Discrete, delay: float, readout: Floats) -> Responses:
    """Of the temperature that is `readout` (7,) of states and inputs of a single room; `delay` in steps."""
    seen = np.empty((STEPS_AHEAD + 1, thermal.STATES))
    seen[0] = readout[: thermal.STATES]
    for number in range(1, len(seen)):
        seen[number] = seen[number - 1] @ discrete.a[0]
    pushed = seen[:-1] @ discrete.b[0]
    pushed[0] += readout[thermal.STATES :]
    weights = thermal.delay_weights(np.array([delay]))[0]
    return Responses(
        state=seen[1:],
        duty=np.convolve(pushed[:, 0], weights)[: len(pushed)],
        heat=pushed[:, 0],
        delay=weights,
        outdoor=pushed[:, 1],
        usual=pushed[:, 2],
    )
