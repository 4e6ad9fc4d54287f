"""Figures of a run. Temperatures are the true ones of the air: a controller is not judged by its own thermometer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.simhouse.bench.course import Course

Floats = npt.NDArray[np.float64]

BAND_K = 0.5
TOO_WARM_C = 24.0
FROST_C = 5.0
LIMIT_C = 28.0

FIRST_MIN = 7 * 1440
"""The first week is told apart: nothing is learned yet."""

_MINUTES_A_WEEK = 10080.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """A run, arrays of a minute each (n,): the air in C, the heat in store in kWh, what heated and what was switched
    on, 0..1."""

    air: Floats
    stored: Floats
    heat: Floats
    switched: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`kwh_week` is what the heater took, `kwh_net_week` and `cost_net_week` charge for the heat that the house held
    when it began, at the mean price, and credit what it held in the end: who enters the judged days warmer has paid
    before. `kh_below` are K.h a week below the set-point less half a kelvin, `kh_above` those above 24 C; `rms_k` is
    the distance to the set-point in comfort times. Frost is below 5 C, the limit is 28 C; `over_limit_ours` leaves out
    minutes that the sun alone, or a relay stuck on, would have brought too."""

    kwh_week: float
    kwh_net_week: float
    kh_below: float
    kh_above: float
    rms_k: float
    cost_week: float
    cost_net_week: float
    starts_day: float
    starts_hour_max: int
    min_c: float
    max_c: float
    frost_minutes: int
    over_limit_minutes: int


def figures(course: Course, lived: "Lived", window: slice) -> Figures:
    """Of minutes `window` of a run. Safety counts over all of it."""
    air, heat = lived.air, lived.heat
    weeks = len(range(*window.indices(len(air)))) / _MINUTES_A_WEEK
    kwh = heat[window] * course.house.heater.power_kw / 60
    comfort = course.comfort[window]
    away_k = (air[window] - course.setpoint[window])[comfort]
    starts = starts_at(lived.switched)
    carried = carried_kwh(lived.stored, window)
    cost = float(np.sum(kwh * course.price[window]))
    inside = starts[window]
    return Figures(
        kwh_week=float(np.sum(kwh)) / weeks,
        kwh_net_week=(float(np.sum(kwh)) + carried) / weeks,
        kh_below=float(np.sum(below(course, air)[window])) / weeks,
        kh_above=float(np.sum((air[window] - TOO_WARM_C).clip(0))) / 60 / weeks,
        rms_k=float(np.sqrt(np.mean(away_k**2))) if len(away_k) else 0.0,
        cost_week=cost / weeks,
        cost_net_week=(cost + carried * float(np.mean(course.price[window]))) / weeks,
        starts_day=float(np.sum(inside)) / weeks / 7,
        starts_hour_max=most_in_an_hour(inside),
        min_c=float(np.min(air)),
        max_c=float(np.max(air)),
        frost_minutes=int(np.sum(air < FROST_C)),
        over_limit_minutes=int(np.sum(air > LIMIT_C)),
    )


def carried_kwh(stored: Floats, window: slice) -> float:
    """The heat (n,) in store when the window begins, less that when it ends."""
    inside = stored[window]
    return float(inside[0] - inside[-1]) if len(inside) else 0.0


def below(course: Course, air: Floats) -> Floats:
    """K.h of each minute."""
    return np.asarray((course.setpoint - BAND_K - air).clip(0) / 60)


def starts_at(switched: Floats) -> npt.NDArray[np.bool_]:
    on = switched > 0
    return np.asarray(on & ~np.concatenate([[False], on[:-1]]))


def most_in_an_hour(starts: npt.NDArray[np.bool_]) -> int:
    """In any 60 minutes."""
    total = np.concatenate([[0], np.cumsum(starts)])
    reach = min(60, len(starts))
    return int(np.max(total[reach:] - total[:-reach], initial=0)) if reach else 0
