"""What one room has taught, learned in four ways that err differently, so that a blend of them errs less."""

from math import exp

import numpy as np

from gateway.climate.forecast.blend import GRID_S
from gateway.climate.forecast.correction import LEAST_ROWS, Correction
from gateway.climate.forecast.features import NAMES, Inputs
from gateway.climate.forecast.net import STEPS
from gateway.climate.forecast.routine import ROUTINE
from gateway.climate.forecast.waves import WAVES, Waves
from gateway.climate.words import Floats

WAYS = ("alone", "linear", "curved", "quick")
"""Linear in what is known of the room; in the network's answers too; with bends; with bends and forgetting soon."""
OWN = len(NAMES) + len(ROUTINE)
"""Columns of a row that are the room's; the network's answers follow them."""

_INPUTS = OWN + STEPS
_STRENGTH = 1500.0
_STRONG = 3000.0
"""Bends need a firmer hand; those of `quick` see no more rows than 1000."""


def keep(days: float) -> float:
    """What is left of a row's weight when the next one comes, where after `days` it counts for a third."""
    return exp(-GRID_S / (days * 86400))


class Lessons:
    """Rows are (n, OWN + STEPS), changes (n, STEPS), in K. A house learns its season anew in four weeks, and `quick`
    in one."""

    def __init__(self) -> None:
        slowly, soon = keep(28), keep(7)
        self._alone = Correction(OWN, STEPS, keep=slowly, strength=_STRENGTH)
        self._linear = Correction(_INPUTS, STEPS, keep=slowly, strength=_STRENGTH)
        self._bent = (
            Correction(_INPUTS + WAVES, STEPS, keep=slowly, strength=_STRONG),
            Correction(_INPUTS + WAVES, STEPS, keep=soon, strength=_STRENGTH),
        )
        self._waves: Waves | None = None
        """Once it is known how large what they bend usually is."""

    def learn(self, rows: Floats, change: Inputs) -> None:
        """Rows in order of time; those with anything unknown are passed over. Takes effect with `solve`."""
        self._alone.learn(rows[:, :OWN], change)
        self._linear.learn(rows, change)
        if self._waves is None and self._linear.rows >= LEAST_ROWS:
            self._waves = Waves(*self._linear.usual())
        if self._waves is not None:
            bent = self._waves.added(rows)
            for correction in self._bent:
                correction.learn(bent, change)

    def solve(self) -> None:
        """From now on `predict` knows all that was learned."""
        for correction in (self._alone, self._linear, *self._bent):
            correction.solve()

    def predict(self, row: Floats) -> Floats:
        """What each of `WAYS` says of one row (1, OWN + STEPS): (4, STEPS), NaN while it has learned too little."""
        bent = row if self._waves is None else self._waves.added(row)
        told = [self._alone.predict(row[:, :OWN]), self._linear.predict(row)]
        told += [correction.predict(bent) for correction in self._bent]
        return np.stack([np.full(STEPS, np.nan) if one is None else one[0] for one in told])
