"""The cheapest heat that keeps a room in its band: a linear program over a day of quarter hours.

    minimise    sum price u + penalty (s + v)
    subject to  low <= free + G u + s - v <= high,   0 <= u <= 1,   0 <= s, v

u is the share of full power in each quarter hour, G what it adds to the temperatures at their ends, s and v what
the band is missed by, which makes every problem feasible. Solved with HiGHS (Huangfu & Hall 2018,
10.1007/s12532-017-0130-5), warm from the last solution.
"""

from dataclasses import dataclass

import highspy
import numpy as np

from gateway.climate.grid import QUARTERS, STEPS_A_QUARTER
from gateway.climate.plan.band import Band
from gateway.climate.plan.course import Course
from gateway.climate.words import Floats

_MISSED_COLD, _MISSED_WARM = 40.0, 20.0
"""Hours of full power, at the highest price, that one K.h out of the band is worth."""

LIMIT_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """By quarter hours from now on, (QUARTERS,): the share of full power, and the temperature at the end in C."""

    duty: Floats
    temp_c: Floats


class Cheapest:
    """One room's program, set up anew when its model changes."""

    def __init__(self) -> None:
        self._reply: Floats | None = None
        self._effect: Floats = np.zeros((QUARTERS, QUARTERS))
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]

    def solve(self, course: Course, band: Band, price: Floats) -> Plan | None:
        """`price` (QUARTERS,) per unit of heat, all finite. None where it was not solved within `LIMIT_S`."""
        if self._reply is None or not np.array_equal(self._reply, course.reply):
            self._set_up(course.reply)
        free = course.free[STEPS_A_QUARTER - 1 :: STEPS_A_QUARTER]
        low = np.max(band.low.reshape(QUARTERS, STEPS_A_QUARTER), axis=1) - free
        high = np.min(band.high.reshape(QUARTERS, STEPS_A_QUARTER), axis=1) - free
        rows = np.arange(QUARTERS, dtype=np.int32)
        unit = max(float(np.max(price)), 1e-6)
        solver = self._solver
        solver.changeColsCost(QUARTERS, rows, price / unit)
        solver.changeRowsBounds(QUARTERS, rows, low, np.maximum(high, low))  # type: ignore[attr-defined]  # the stubs lack it
        solver.setOptionValue(
            "time_limit", solver.getRunTime() + LIMIT_S
        )  # its clock runs on from solution to solution
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            self._reply = None
            return None
        duty = np.array(solver.getSolution().col_value[:QUARTERS])
        return Plan(duty=duty, temp_c=free + self._effect @ duty)

    def _set_up(self, reply: Floats) -> None:
        self._reply = reply
        self._effect = _effect(reply)
        slack = np.eye(QUARTERS)
        matrix = np.hstack([self._effect, slack, -slack])
        matrix[np.abs(matrix) < 1e-7] = 0.0
        columns = matrix.shape[1]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = columns, QUARTERS
        lp.col_cost_ = np.concatenate(
            [np.ones(QUARTERS), np.full(QUARTERS, _MISSED_COLD), np.full(QUARTERS, _MISSED_WARM)]
        )
        lp.col_lower_ = np.zeros(columns)
        lp.col_upper_ = np.concatenate([np.ones(QUARTERS), np.full(2 * QUARTERS, highspy.kHighsInf)])
        lp.row_lower_, lp.row_upper_ = np.zeros(QUARTERS), np.ones(QUARTERS)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        row, column = np.nonzero(matrix.T)[::-1]
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=columns))])
        lp.a_matrix_.index_, lp.a_matrix_.value_ = row, matrix[row, column]
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off")):
            solver.setOptionValue(option, value)
        solver.passModel(lp)
        self._solver = solver


def _effect(reply: Floats) -> Floats:
    """What a quarter hour (column) of full heat adds to the temperature at the end of each (row), (96, 96)."""
    long = np.convolve(reply, np.ones(STEPS_A_QUARTER))[STEPS_A_QUARTER - 1 :: STEPS_A_QUARTER][:QUARTERS]
    lag = np.arange(QUARTERS)[:, None] - np.arange(QUARTERS)
    return np.asarray(np.where(lag >= 0, long[np.maximum(lag, 0)], 0.0), np.float64)
