"""Classic controllers and what they may be set to.

What they are told is what any thermostat knows: its thermometer, the schedule ahead, and the outside for TPI.
`lead_min` starts towards the next rise of the set-point so long before it; `rate_min_k` as long before as that many
minutes a kelvin ask for, as optimum start does with a heat-up rate that it has learned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

COLUMNS = ("lead_min", "rate_min_k", "offset_k", "band_k", "kp", "per_ti_h", "ce", "kd_h")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """Parameters (n,) each. Duty = kp e + integral of e over ti + ce (SP - Tout) - kd dT/dt, given as pulses of one in
    each `cycle_min`; where `cycle_min` is 0 the relay has hysteresis of `band_k` to both sides instead."""

    lead_min: Floats
    rate_min_k: Floats
    offset_k: Floats
    band_k: Floats
    kp: Floats
    per_ti_h: Floats
    ce: Floats
    kd_h: Floats
    cycle_min: int
    setback: bool = True

    def __len__(self) -> int:
        return len(self.offset_k)

    def chosen(self, number: int) -> dict[str, float]:
        return {"cycle_min": self.cycle_min, **{name: float(getattr(self, name)[number]) for name in COLUMNS}}

    def only(self, number: int) -> "Variants":
        columns = {name: getattr(self, name)[number : number + 1] for name in COLUMNS}
        return Variants(cycle_min=self.cycle_min, setback=self.setback, **columns)


def variants(cycle_min: int, columns: Mapping[str, Any], *, setback: bool = True) -> Variants:
    """Every combination of the given values; what is left out is 0."""
    grid = np.meshgrid(
        *(np.atleast_1d(np.asarray(columns.get(name, 0.0), np.float64)) for name in COLUMNS), indexing="ij"
    )
    flat = {name: values.ravel() for name, values in zip(COLUMNS, grid, strict=True)}
    return Variants(cycle_min=cycle_min, setback=setback, **flat)
