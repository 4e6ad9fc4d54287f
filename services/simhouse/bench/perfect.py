"""The optimum: a linear program that knows the house, the weather and the people to come.

States are the house's own over quarters of an hour, exactly composed from its minutes; heat is 0..1 of full power. It
bounds what any controller can reach, and a relay that follows it shows how near a relay can come.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

from gateway.errors import Invalid
from services.simhouse.bench.course import Course
from services.simhouse.bench.thermal import START
from services.simhouse.bench.verdict import BAND_K, TOO_WARM_C

Floats = npt.NDArray[np.float64]

BLOCK_MIN = 15

_STATES = 3
_TOO_WARM_PRICE = 1.0
"""Per K.h above 24 C: storing more than that is not comfort."""
_COMFORT_PRICE = 10.0
_ALL = 1e4
"""Per K.h below the band: more than any heat could cost."""
_INF = highspy.kHighsInf
_WAYS = (("solver", "choose"), ("presolve", "off"), ("solver", "ipm"))
"""One after the other, where the one before lost its way among costs that differ so much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """x' = state @ x + heat u + push over a quarter of an hour, and what is wanted meanwhile, (k, ...) each."""

    state: Floats
    heat: Floats
    push: Floats
    floor_c: Floats
    price: Floats
    kwh: float


def blocks(course: Course) -> Blocks:
    count = len(course) // BLOCK_MIN
    state = np.repeat(np.eye(_STATES)[None], count, axis=0)
    heat, push = np.zeros((count, _STATES)), np.zeros((count, _STATES))
    for minute in range(BLOCK_MIN):
        places = np.arange(count) * BLOCK_MIN + minute
        step = course.state[course.kind[places], :_STATES, :_STATES]
        state = step @ state
        heat = np.einsum("kij,kj->ki", step, heat) + course.heat[course.kind[places], :_STATES]
        push = np.einsum("kij,kj->ki", step, push) + course.push[places, :_STATES]
    begins = np.arange(count) * BLOCK_MIN
    return Blocks(
        state=state,
        heat=heat,
        push=push,
        floor_c=course.setpoint[begins] - BAND_K,
        price=course.price[begins],
        kwh=course.house.heater.power_kw * BLOCK_MIN / 60,
    )


def optimum(course: Course, window: slice, *, kh_week: float | None, margin_k: float = 0.0) -> Floats:
    """The duty of each quarter of an hour (k,) that costs least at `course.price` with at most `kh_week` below the band
    in the judged window, or as little more as there must be, and with comfort at a price outside of it; None asks for
    the least discomfort there is, whatever it costs. The band is held `margin_k` higher.

    Raises `Invalid` ("optimum_not_found")."""
    program = _Program(blocks(course), margin_k)
    begin, end = (window.start or 0) // BLOCK_MIN, (window.stop or len(course)) // BLOCK_MIN
    inside = range(begin, end)
    outside = [k for k in range(program.count) if not begin <= k < end]
    weeks = BLOCK_MIN / 10080
    program.charge(outside, _COMFORT_PRICE)
    if kh_week is None:
        program.charge(inside, _ALL)
    else:
        program.allow(inside, kh_week * len(inside) * weeks)
    return program.solve()


class _Program:
    """Columns of block k: three states at its beginning, the duty, K below at its beginning and end, K too warm. Behind
    them are the states at the end and the K.h that could not be prevented."""

    WIDTH = 7
    HOURS = BLOCK_MIN / 60

    def __init__(self, model: Blocks, margin_k: float) -> None:
        self.count = len(model.price)
        self._rows: list[tuple[float, float, list[int], list[float]]] = []
        width = self.count * self.WIDTH + _STATES + 1
        self._cost = np.zeros(width)
        self._lower = np.full(width, -_INF)
        self._upper = np.full(width, _INF)
        self._columns(model)
        for k in range(self.count):
            self._physics(model, k)
            self._comfort(model.floor_c[k] + margin_k, k)

    def _columns(self, model: Blocks) -> None:
        for offset in (3, 4, 5, 6):
            self._lower[offset : self.count * self.WIDTH : self.WIDTH] = 0.0
        self._upper[3 : self.count * self.WIDTH : self.WIDTH] = 1.0
        self._cost[3 : self.count * self.WIDTH : self.WIDTH] = model.price * model.kwh
        self._cost[6 : self.count * self.WIDTH : self.WIDTH] = _TOO_WARM_PRICE * self.HOURS
        self._lower[-1], self._cost[-1] = 0.0, _ALL
        self._lower[:_STATES] = self._upper[:_STATES] = START[:_STATES]

    def _physics(self, model: Blocks, k: int) -> None:
        here = k * self.WIDTH
        there = here + self.WIDTH
        for row in range(_STATES):
            columns = [there + row, *range(here, here + _STATES), here + 3]
            values = [1.0, *(-model.state[k, row]).tolist(), -float(model.heat[k, row])]
            push = float(model.push[k, row])
            self._rows.append((push, push, columns, values))

    def _comfort(self, floor_c: float, k: int) -> None:
        here = k * self.WIDTH
        self._rows.append((floor_c, _INF, [here, here + 4], [1.0, 1.0]))
        self._rows.append((floor_c, _INF, [here + self.WIDTH, here + 5], [1.0, 1.0]))
        self._rows.append((-_INF, TOO_WARM_C, [here, here + 6], [1.0, -1.0]))

    def allow(self, inside: Sequence[int], kh: float) -> None:
        """At most `kh` K.h below the band over these blocks; more only where no heat could prevent it."""
        columns = [k * self.WIDTH + offset for k in inside for offset in (4, 5)]
        excess = len(self._cost) - 1
        self._rows.append((-_INF, kh, [*columns, excess], [*[self.HOURS / 2] * len(columns), -1.0]))

    def charge(self, them: Sequence[int], price: float) -> None:
        """Every K.h below the band costs as much."""
        for k in them:
            self._cost[[k * self.WIDTH + 4, k * self.WIDTH + 5]] = price * self.HOURS / 2

    def solve(self) -> Floats:
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.passModel(self._model())
        for option, value in _WAYS:
            solver.setOptionValue(option, value)
            solver.run()
            if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                break
        else:
            raise Invalid("optimum_not_found", state=str(solver.getModelStatus()))
        found = np.asarray(solver.getSolution().col_value)
        return np.asarray(found[3 : self.count * self.WIDTH : self.WIDTH])

    def _model(self) -> highspy.HighsLp:
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self._cost), len(self._rows)
        model.col_cost_, model.col_lower_, model.col_upper_ = self._cost, self._lower, self._upper
        model.row_lower_ = np.array([row[0] for row in self._rows])
        model.row_upper_ = np.array([row[1] for row in self._rows])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(len(row[2]) for row in self._rows)])
        model.a_matrix_.index_ = np.concatenate([row[2] for row in self._rows])
        model.a_matrix_.value_ = np.concatenate([row[3] for row in self._rows])
        return model
