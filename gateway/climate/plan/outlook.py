"""What is shown of a plan: the temperatures it leads to, and a clause that says why."""

import numpy as np

from gateway.climate.grid import QUARTER_S, QUARTERS, STEPS, STEPS_A_QUARTER
from gateway.climate.model.skill import HORIZONS
from gateway.climate.plan.band import Band
from gateway.climate.plan.cheapest import Plan
from gateway.climate.plan.course import Course
from gateway.climate.words import Floats, Forecast, Wanted

_NO_HEAT = 1e-9
"""A quarter hour of full heat that warms by less, in K, does not help."""


def foreseen(view: Course, limits: Band, plan: Plan | None, rmse_c: tuple[float, ...]) -> Forecast:
    """By quarter hours for a day. `rmse_c` is how far foresights were off at `skill.HORIZONS`; empty: not known."""
    duty, temps = (plan.duty, plan.temp_c) if plan else _latest(view, limits.low)
    ahead = np.arange(1, len(temps) + 1)
    spread = np.interp(ahead * STEPS_A_QUARTER, HORIZONS, rmse_c) if rmse_c else np.zeros(len(temps))
    return Forecast(
        ahead_s=tuple((ahead * QUARTER_S).tolist()),
        temp_c=tuple(np.round(temps, 2).tolist()),
        spread_c=tuple(np.round(spread, 2).tolist()),
        duty=tuple(np.round(duty, 3).tolist()),
    )


def _latest(view: Course, low: Floats) -> tuple[Floats, Floats]:
    """The least heat that holds `low`, quarter hour by quarter hour, and what it leads to."""
    block = np.convolve(view.reply, np.ones(STEPS_A_QUARTER))[:STEPS]
    share = np.divide(1.0, block, out=np.zeros(STEPS), where=block > _NO_HEAT)
    later = np.concatenate([np.zeros(STEPS_A_QUARTER), view.full])[:STEPS]
    lacking = low - view.free
    duty = np.zeros(QUARTERS)
    for quarter in range(QUARTERS):
        start, rest = quarter * STEPS_A_QUARTER, STEPS - quarter * STEPS_A_QUARTER
        needed = float(np.max((lacking[start:] - later[:rest]) * share[:rest]))
        if needed > 0:
            duty[quarter] = min(needed, 1.0)
            lacking[start:] -= duty[quarter] * block[:rest]
    return duty, (low - lacking)[STEPS_A_QUARTER - 1 :: STEPS_A_QUARTER]


def why(duty: float, view: Course, limits: Band, wanted: Wanted, *, store: bool, rmse_c: tuple[float, ...]) -> str:
    """A clause for people."""
    if store:
        return "heat is cheap now and is kept for later"
    if duty <= 0:
        return "the model sees no need for heat yet"
    rising = wanted.next_c is not None and wanted.next_s is not None and wanted.next_c > wanted.target_c
    cold = view.free[0] < limits.low[0] <= wanted.target_c  # the next spell's band may have begun
    if not rising or cold or wanted.next_c is None:
        return f"{wanted.target_c:.1f} wanted"
    minutes, spread = _minutes(view, float(np.max(limits.low)), rmse_c)
    left = (wanted.next_s or 0.0) / 60
    return f"{wanted.next_c:.1f} wanted in {left:.0f} min, the model says {minutes:.0f} min ± {spread:.0f}"


def _minutes(view: Course, goal_c: float, rmse_c: tuple[float, ...]) -> tuple[float, float]:
    """How long full heat takes to `goal_c`, and the spread of that."""
    course = view.free + view.full
    reached = np.flatnonzero(course >= goal_c)
    step = int(reached[0]) if len(reached) else STEPS - 1
    pace = max((course[step] - course[max(step - 6, 0)]) / 30.0, 1e-3)
    off = float(np.interp(step + 1, HORIZONS, rmse_c)) if rmse_c else 0.3
    return 5.0 * (step + 1), min(off / pace, 5.0 * (step + 1))
