"""What becomes of the optimum when a relay follows it, and the figures of both."""

from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from services.simhouse.bench.blame import replay
from services.simhouse.bench.course import Course
from services.simhouse.bench.perfect import BLOCK_MIN, optimum
from services.simhouse.bench.thermal import worth_kwh_k
from services.simhouse.bench.tune import COMFORT_KH
from services.simhouse.bench.verdict import BAND_K, FIRST_MIN, Figures, Lived, below, figures

Floats = npt.NDArray[np.float64]

_PULSE_MIN = 5.0
"""A relay is on or off for at least so long."""

_MARGINS_K = (-0.1, -0.05, 0.0, 0.05, 0.1, 0.2, 0.3)
_WARMER_K = (0.0, 0.1, 0.2, 0.35, 0.5)


def perfect(course: Course, window: slice) -> dict[str, Any]:
    """{"optimum": figures of the linear program, "relay": of a relay that knows as much, "limit_kh": the least K.h a
    week that such a relay reaches, "first_week_limit_kh": what the first week lacks where full power is never spared},
    all at `course.price`. The comfort is that of the classics, or the limit where that is beyond reach."""
    limit_kh = min(
        _relay(course, window, optimum(course, window, kh_week=None, margin_k=margin)).kh_below for margin in _WARMER_K
    )
    budget = max(COMFORT_KH, 1.02 * limit_kh)
    ideal = _figures(course, window, _hold(course, optimum(course, window, kh_week=budget)))
    return {
        "optimum": asdict(ideal),
        "relay": asdict(_comfortable(course, window, budget)),
        "limit_kh": limit_kh,
        "budget_kh": budget,
        "first_week_limit_kh": _first_week_limit_kh(course),
    }


def _first_week_limit_kh(course: Course) -> float:
    """Of a heater that holds the warmest set-point and half a kelvin from the first minute, day and night."""
    warm = float(np.max(course.setpoint)) + BAND_K
    air = replay(course, lambda _minute, air: float(air < warm))[:, 0]
    return float(np.sum(below(course, air)[:FIRST_MIN]))


def _comfortable(course: Course, window: slice, budget: float) -> Figures:
    """Pulses cost a little comfort, or spare some: of optima for bands a little lower and higher, the cheapest that
    will do."""
    found = [_relay(course, window, optimum(course, window, kh_week=budget, margin_k=margin)) for margin in _MARGINS_K]
    good = [one for one in found if one.kh_below <= budget]
    return min(good, key=lambda one: one.cost_week) if good else min(found, key=lambda one: one.kh_below)


def _relay(course: Course, window: slice, duty: Floats) -> Figures:
    return _figures(course, window, pulses(_hold(course, duty)))


def _hold(course: Course, duty: Floats) -> Floats:
    held = np.repeat(duty, BLOCK_MIN)
    return np.concatenate([held, np.zeros(len(course) - len(held))])


def pulses(duty: Floats) -> Floats:
    """On and off for at least five minutes each, by the heat that is owed (sigma-delta), (n,)."""
    found = np.zeros(len(duty))
    owed, on, since = 0.0, False, _PULSE_MIN
    for minute, share in enumerate(duty.tolist()):
        owed += share - on
        since += 1
        switch = owed < -_PULSE_MIN / 2 or share < 1e-6 if on else owed > _PULSE_MIN / 2 or share > 1 - 1e-6
        if switch and since >= _PULSE_MIN:
            on, since = not on, 0.0
        if share < 1e-6 and not on:
            owed = max(owed, 0.0)
        found[minute] = on
    return found


def _figures(course: Course, window: slice, heat: Floats) -> Figures:
    values = heat.tolist()
    states = replay(course, lambda minute, _air: values[minute])
    stored = states @ np.array(worth_kwh_k(course.house))
    return figures(course, Lived(air=states[:, 0], stored=stored, heat=heat, switched=heat), window)
