"""The best classic controller of a house, chosen with hindsight: nobody could tune it harder."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.simhouse.bench.course import Course
from services.simhouse.bench.rivals import Diary, Tally, compete
from services.simhouse.bench.variants import Variants, variants
from services.simhouse.bench.verdict import Lived, figures

Floats = npt.NDArray[np.float64]

COMFORT_KH = 0.5
"""K.h a week below the band that controllers are compared at."""

_LEADS = {"lead_min": (0, 30, 60, 90, 120, 180, 240, 360)}
_RATES = {"rate_min_k": (10, 20, 30, 45, 60, 90, 120, 180)}
_OFFSETS = (0.0, 0.2, 0.4)
_BENT = (-0.4, -0.2)

_LAWS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("hysteresis", 0, {"band_k": (0.1, 0.2, 0.3)}),
    ("TPI", 15, {"kp": (0.3, 0.6, 1.2), "ce": (0.01, 0.02)}),
    ("PI", 15, {"kp": (0.3, 0.7, 1.5), "per_ti_h": (0.2, 0.5, 1.0)}),
    ("PID", 15, {"kp": (0.5, 1.2), "per_ti_h": (0.2, 0.5), "ce": (0.0, 0.01), "kd_h": (0.1, 0.4)}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """Of one law and its parameters, what `compete` found, by the week, net of the heat that was in store before (see
    `verdict.Figures`). `them` has it in column `number`."""

    law: str
    them: Variants
    number: int
    kwh_week: float
    kh_below: float
    cost_week: float

    @property
    def reached(self) -> bool:
        return self.kh_below <= COMFORT_KH


def tuned(course: Course, window: slice) -> dict[str, Any]:
    """{"energy", "cost"}: the least of either within the comfort; where none keeps that, the most comfortable. A wide
    sweep of every law first, then a fine one around the best of each. "bent" is the least energy where set-points below
    the wanted one are tried too, to live at the lower edge of the band as a plan does; "always" never sets back."""
    straight = _sweep(course, window, _OFFSETS, 0.0)
    bent = _sweep(course, window, _BENT, -1.0)
    everybody = _Field(course, window, [*straight.found, *bent.found])
    return {
        "energy": _told(course, window, straight.least("kwh_week")),
        "cost": _told(course, window, straight.least("cost_week")),
        "bent": _told(course, window, everybody.least("kwh_week")),
        "always": _told(course, window, straight.always()),
        "tried": straight.tried + bent.tried,
    }


def _sweep(course: Course, window: slice, offsets: Sequence[float], least_offset: float) -> "_Field":
    field = _Field(course, window)
    for law, cycle, columns in _LAWS:
        for start in (_LEADS, _RATES):
            field.try_all(law, variants(cycle, {**columns, **start, "offset_k": offsets}))
    for best in field.leaders():
        field.try_all(best.law, _around(best, least_offset))
    return field


def _told(course: Course, window: slice, best: Best) -> dict[str, Any]:
    """Lived through once more, by itself, for all the figures."""
    diary = Diary()
    compete(course, best.them.only(best.number), window, diary)
    lived = Lived(
        air=np.array(diary.air),
        stored=np.array(diary.stored),
        heat=np.array(diary.heat),
        switched=np.array(diary.switched),
    )
    found = figures(course, lived, window)
    return {
        "law": best.law,
        "parameters": best.them.chosen(best.number),
        "reached": best.reached,
        **asdict(found),
    }


def _around(best: Best, least_offset: float) -> Variants:
    """Finer steps of when to start and how far to aim off, and of the gains."""
    p = best.them.chosen(best.number)
    lead, rate = p["lead_min"], p["rate_min_k"]
    columns = {
        **{name: value for name, value in p.items() if name != "cycle_min"},
        "lead_min": np.unique(np.clip(lead + np.array([-20, -10, 0, 10, 20]), 0, 360)) if lead else 0.0,
        "rate_min_k": rate * np.array([0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4]) if rate else 0.0,
        "offset_k": np.unique((p["offset_k"] + np.arange(-3, 3) * 0.05).clip(least_offset)),
        "kp": p["kp"] * np.array([0.75, 1.0, 1.33]) if p["kp"] else 0.0,
        "ce": p["ce"] * np.array([0.75, 1.0, 1.33]) if p["ce"] else 0.0,
    }
    return variants(round(p["cycle_min"]), columns)


class _Field:
    """Everybody who has run so far."""

    def __init__(self, course: Course, window: slice, found: Sequence[Best] = ()) -> None:
        self._course = course
        self._window = window
        self._weeks = len(range(*window.indices(len(course)))) / 10080
        self.found = list(found)
        self.tried = 0

    def try_all(self, law: str, them: Variants) -> None:
        tally = compete(self._course, them, self._window)
        self.tried += len(them)
        for price in (self._kwh(tally), self._cost(tally)):
            number = _choose(price, tally.below / self._weeks)
            self.found.append(self._described(law, them, tally, number))

    def always(self) -> Best:
        """The highest set-point at all times."""
        them = variants(0, {"band_k": 0.15}, setback=False)
        return self._described("always", them, compete(self._course, them, self._window), 0)

    def leaders(self) -> Sequence[Best]:
        """The cheapest of each law, for energy and for cost."""
        laws = sorted({best.law for best in self.found})
        return [
            _least([best for best in self.found if best.law == law], column)
            for law in laws
            for column in ("kwh_week", "cost_week")
        ]

    def least(self, column: str) -> Best:
        return _least(self.found, column)

    def _described(self, law: str, them: Variants, tally: Tally, number: int) -> Best:
        return Best(
            law=law,
            them=them,
            number=number,
            kwh_week=float(self._kwh(tally)[number]) / self._weeks,
            kh_below=float(tally.below[number]) / self._weeks,
            cost_week=float(self._cost(tally)[number]) / self._weeks,
        )

    def _kwh(self, tally: Tally) -> Floats:
        return tally.kwh + tally.carried

    def _cost(self, tally: Tally) -> Floats:
        return tally.cost + tally.carried * float(np.mean(self._course.price[self._window]))


def _choose(price: Floats, kh_week: Floats) -> int:
    good = kh_week <= COMFORT_KH
    return int(np.argmin(np.where(good, price, np.inf) if np.any(good) else kh_week))


def _least(found: Sequence[Best], column: str) -> Best:
    good = [best for best in found if best.reached]
    return min(good, key=lambda best: getattr(best, column)) if good else min(found, key=lambda best: best.kh_below)
