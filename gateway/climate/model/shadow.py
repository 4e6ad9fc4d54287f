"""Forecasts that wait until it is known what came: the model's rating, whether it drives the heat or not."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from gateway.climate.model.observer import Observer, Step
from gateway.climate.model.room_model import RoomModel
from gateway.climate.model.skill import HORIZONS, Skill
from gateway.climate.words import Floats

_FAR = max(HORIZONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    model: RoomModel
    state: Floats
    duties: Floats
    step: Step
    shown_c: float | None
    """The last reading, None where that was long ago."""


class Shadow:
    """Keeps the last six hours, and the ratings of the last seven days in `skill`."""

    def __init__(self) -> None:
        self.skill = Skill()
        self._past: deque[_Past] = deque(maxlen=_FAR + 1)

    def note(self, observer: Observer, step: Step) -> None:
        """What `observer` makes of the row that it has just taken in."""
        shown_c = step.temp_c
        if shown_c is None and self._past and not observer.lost:
            shown_c = self._past[-1].shown_c
        self._past.append(
            _Past(model=observer.model, state=observer.state, duties=observer.duties, step=step, shown_c=shown_c)
        )

    def clear(self) -> None:
        """Forget the last hours, not the ratings."""
        self._past.clear()

    def rate(self) -> bool:
        """Rate what would have been foreseen six hours ago, by the model of then, with the heat there really was and
        the outside as it was. False where that cannot be said."""
        if len(self._past) <= _FAR or any(past.step.odd or past.shown_c is None for past in self._past):
            return False
        origin, *after = self._past
        foreseen = origin.model.shown.temps(
            origin.state,
            np.concatenate([origin.duties, [past.step.duty for past in after]]),
            np.full(_FAR, origin.step.outdoor_c),
            origin.model.usual[[past.step.quarter for past in after]],
        )
        came = np.array([past.shown_c for past in (origin, *after)], np.float64)
        self.skill.rate(foreseen, float(came[0]), came[1:])
        return True
