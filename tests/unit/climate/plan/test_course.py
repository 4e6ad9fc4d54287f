"""What the planner counts on."""

import numpy as np

from gateway.climate.grid import STEPS
from gateway.climate.plan.ahead import Ahead
from gateway.climate.plan.course import Course, course
from tests.unit.climate.lab import Lab
from tests.unit.climate.plan.rooms import learner


def cold_night() -> Course:
    lab = Lab()
    known = learner(lab)
    assert known.observer is not None
    return course(known, known.observer, Ahead(outdoor=(-5.0,)), np.zeros(STEPS, np.int64))


def test_three_hours_of_full_heat_are_counted_on_in_full() -> None:
    view = cold_night()
    assert np.allclose(view.full[:37], np.cumsum(view.reply)[:37])


def test_of_what_longer_heat_gains_less_is_counted_on_but_ever_more() -> None:
    view = cold_night()
    whole = np.cumsum(view.reply)
    assert np.all(view.full[48:] < whole[48:])
    assert np.all(view.full[48:] > 0.88 * whole[48:])
    assert np.all(np.diff(view.full) > 0)


def test_a_long_warm_up_begins_earlier_than_the_model_alone_would() -> None:
    view = cold_night()
    alone = Course(free=view.free, reply=view.reply, full=np.cumsum(view.reply))
    rise = 96
    goal_c = float(view.free[rise] + alone.full[60])
    bound = np.where(np.arange(STEPS) < rise, -50.0, np.where(np.arange(STEPS) == rise, goal_c, -50.0))

    def latest(course: Course) -> int:
        return max(idle for idle in range(rise) if course.shortfall(bound, idle) <= 0)

    assert latest(view) < latest(alone)
