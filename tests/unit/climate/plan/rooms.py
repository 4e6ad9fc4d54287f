"""A room as its learner knows it: the lab's, without having to live for days."""

import numpy as np

from gateway.climate.model.learner import Learner
from gateway.climate.model.observer import Observer
from gateway.climate.model.room_model import RoomModel
from gateway.climate.words import Measured, Mode, Observed, Trust, Wanted
from tests.unit.climate.lab import ZONE, Lab, row_of, wanted_c

PARAMETERS = np.array([0.24, 3.5, 0.04, 0.555, 4.5, 0.0278, 0.0139, 0.5])
"""Of the lab's house, as in `thermal.NAMES`."""


def model() -> RoomModel:
    return RoomModel(parameters=PARAMETERS, unrest=0.4, usual=np.full(192, 0.1), usual_duty=np.zeros(192))


def learner(lab: Lab) -> Learner:
    """One that is trusted, and knows where the room is."""
    known = Learner(ZONE)
    known.observer = Observer(model(), np.array([lab.air_c, lab.envelope_c, lab.emitter_c, 0.0]))
    known.gate.judge({0.5: 0.9}, (0.2,), enough=True)
    return known


def step(lab: Lab, known: Learner, duty: float) -> None:
    """Five minutes of heat, and a row about them."""
    lab.heat(duty)
    known.add(row_of(lab, duty, lab.air_c), lab.now)


def observed(lab: Lab, *, heater_on: bool | None = None) -> Observed:
    temp = Measured(value=lab.air_c, age_s=0.0, seen_s=0.0, trust=Trust.GOOD)
    return Observed(now=lab.now, temp=temp, heater_on=heater_on)


def wanted(lab: Lab, mode: Mode = Mode.AUTO) -> Wanted:
    course = [wanted_c(lab.minute + ahead) for ahead in range(1440)]
    change = next((at for at, target in enumerate(course) if target != course[0]), None)
    return Wanted(
        mode=mode,
        target_c=course[0],
        next_c=None if change is None else course[change],
        next_s=None if change is None else 60.0 * change,
        ahead=tuple(course[::15]),
    )
