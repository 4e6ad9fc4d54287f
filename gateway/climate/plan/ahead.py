"""What is known of the hours to come."""

from dataclasses import dataclass

import numpy as np

from gateway.climate.grid import STEPS, STEPS_A_QUARTER
from gateway.climate.words import Floats

_FADE_STEPS = 144.0
"""Half a day on, that it is warmer now than yesterday says nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """By quarter hours from now on, each empty where nothing is known: `outdoor` in C, `price` per kWh, `solar_w`
    surplus of the home's own production."""

    outdoor: tuple[float, ...] = ()
    price: tuple[float, ...] = ()
    solar_w: tuple[float, ...] = ()


def outdoor_steps(known: tuple[float, ...], lately: Floats) -> Floats:
    """The outside for `STEPS` steps, (STEPS,): as forecast in `known` (quarter hours), else the course of the last
    day `lately` (up to STEPS,), from where it is now, in C."""
    if known and np.all(np.isfinite(known)):
        return per_step(known)
    if len(lately) < STEPS:
        return np.full(STEPS, lately[-1] if len(lately) else 8.0)
    warmer = lately[-1] - lately[0]
    return np.asarray(lately + warmer * np.exp(-np.arange(STEPS) / _FADE_STEPS), np.float64)


def per_step(quarters: tuple[float, ...]) -> Floats:
    """Quarter hours as `STEPS` steps; the last value stays where they end early."""
    values = np.repeat(np.array(quarters, np.float64), STEPS_A_QUARTER)[:STEPS]
    return np.concatenate([values, np.full(STEPS - len(values), values[-1])])
