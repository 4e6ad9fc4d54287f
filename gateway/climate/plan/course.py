"""Where a room's temperature goes, with heat or without: the view of the next day that every decision is taken on."""

from dataclasses import dataclass

import numpy as np

from gateway.climate.grid import STEPS
from gateway.climate.model.learner import Learner
from gateway.climate.model.observer import Observer
from gateway.climate.model.series import Slots
from gateway.climate.plan.ahead import Ahead, outdoor_steps
from gateway.climate.words import Floats

_HOUR = 12

_SURE_STEPS, _LATER_SHARE = 3 * _HOUR, 0.88
"""Of what is gained by heating on beyond three hours only so much is counted on: radiators that are too small gain
little in hours of a cold night, and one that turns out a degree colder than foreseen takes most of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """All (STEPS,), for steps 1, 2, ... from now. `free` is the temperature without any further heat, `reply` what one
    step of full heat now adds to it, `full` what full heat from now on adds for sure."""

    free: Floats
    reply: Floats
    full: Floats

    @property
    def pace_k_h(self) -> float:
        """How fast the room moves, in K/h: half of what an hour of full heat does."""
        return max(float(self.full[_HOUR - 1]) / 2, 1e-3)

    def shortfall(self, bound: Floats, idle: int) -> float:
        """By how much at most, in K, the room falls short of `bound` (STEPS,) if the heat stays off for `idle` steps
        and then does all it can. Not above 0: there is still time."""
        late = self.free - bound
        late[idle:] += self.full[: STEPS - idle]
        return -float(np.min(late))

    def least(self, bound: Floats) -> float:
        """The least share of full power, 0..1, for this step after which full power can still hold `bound`."""
        lacking = bound - self.free
        lacking[1:] -= self.full[:-1]
        helped = self.reply > 1e-9
        need = np.max(lacking[helped] / self.reply[helped], initial=0.0)
        return float(np.clip(need, 0, 1))


def _for_sure(full: Floats) -> Floats:
    later = np.maximum(full - full[_SURE_STEPS], 0)
    return np.asarray(full - (1 - _LATER_SHARE) * later, np.float64)


def course(learner: Learner, observer: Observer, ahead: Ahead, slots: Slots) -> Course:
    """`slots` (STEPS,) are the quarter hours of the steps to come."""
    model = observer.model
    outdoor = outdoor_steps(ahead.outdoor, learner.outdoor)
    duties = np.concatenate([observer.duties, np.zeros(STEPS)])
    return Course(
        free=model.air.temps(observer.state, duties, outdoor, model.usual[slots]),
        reply=model.air.duty,
        full=_for_sure(np.cumsum(model.air.duty)),
    )
