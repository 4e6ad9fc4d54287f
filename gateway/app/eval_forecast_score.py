"""How far off each model was, on the same rows for all."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from gateway.app.eval_forecast_rolling import MODELS, Course
from gateway.climate.forecast.features import AHEAD_S
from gateway.climate.words import Floats

HOURS = (1, 3, 6)
_PLACES = [AHEAD_S.index(3600.0 * hours) for hours in HOURS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """RMSE in K at each of `HOURS`, by model; `skill` is 1 - RMSE / RMSE of persistence. `within` is how often what
    came lay within one usual error of the blend (0.68 if it were Gaussian)."""

    rows: tuple[int, ...]
    rmse: Mapping[str, tuple[float, ...]]
    skill: Mapping[str, tuple[float, ...]]
    within: tuple[float, ...]


@dataclass(slots=True)
class Errors:
    """Of one room or of several: by horizon, what each model was off by, (n, models), and the spread (n,)."""

    off: list[list[Floats]] = field(default_factory=lambda: [[] for _ in HOURS])
    spread: list[list[Floats]] = field(default_factory=lambda: [[] for _ in HOURS])

    def add(self, course: Course, begin_s: float, end_s: float) -> None:
        """The rows of `course` with an origin from `begin_s` until before `end_s` for which every model that ever said
        anything has a forecast, and for which what came is known."""
        wanted = (course.origins_s >= begin_s) & (course.origins_s < end_s)
        for number, place in enumerate(_PLACES):
            off = np.stack([course.told[model][:, place] - course.change[:, place] for model in MODELS], axis=1)
            spoke = np.isfinite(off[wanted]).any(axis=0)
            rows = wanted & np.isfinite(off[:, spoke]).all(axis=1) & np.isfinite(course.change[:, place])
            self.off[number].append(off[rows])
            self.spread[number].append(course.spread[rows, place])

    def merge(self, other: "Errors") -> None:
        for number in range(len(HOURS)):
            self.off[number] += other.off[number]
            self.spread[number] += other.spread[number]

    def score(self) -> Score:
        """Pooled: the root of the mean over all rows of all rooms."""
        off = [np.concatenate(some) for some in self.off]
        spread = [np.concatenate(some) for some in self.spread]
        rmse = {model: tuple(_rms(some[:, number]) for some in off) for number, model in enumerate(MODELS)}
        still = rmse["persistence"]
        skill = {
            model: tuple(1 - one / of if of > 0 else float("nan") for one, of in zip(each, still, strict=True))
            for model, each in rmse.items()
        }
        blend = MODELS.index("blend")
        within = tuple(
            float(np.mean(np.abs(some[:, blend]) < usual)) if len(some) else float("nan")
            for some, usual in zip(off, spread, strict=True)
        )
        return Score(rows=tuple(map(len, off)), rmse=rmse, skill=skill, within=within)


def _rms(off: Floats) -> float:
    return float(np.sqrt(np.mean(off**2))) if len(off) else float("nan")


def table(score: Score, title: str) -> list[str]:
    """For people."""
    if not any(score.rows):
        return [f"{title}: 0 rows"]
    lines = [
        f"{title}: {score.rows[0]} rows",
        f"  {'model':12} {'RMSE 1 h':>9}{'3 h':>8}{'6 h':>8}   skill 1 h    3 h    6 h",
    ]
    for model in MODELS:
        errors = " ".join(f"{value:7.3f}" for value in score.rmse[model])
        skills = " ".join(f"{value:6.3f}" for value in score.skill[model])
        lines.append(f"  {model:12}  {errors}   {skills}")
    return lines
