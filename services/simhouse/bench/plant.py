"""One run of one house: time passes, devices report and obey, and everything is written down."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from services.simhouse.bench.actuator import Actuator
from services.simhouse.bench.course import Course
from services.simhouse.bench.sensing import Thermometer
from services.simhouse.bench.thermal import START, worth_kwh_k
from services.simhouse.bench.verdict import Lived

Floats = npt.NDArray[np.float64]

_FEEDBACK_MIN = 5
_OUTDOOR_MIN = 15


@dataclass(slots=True)
class Record:
    """What happened, one entry a minute: the air at its beginning, the heat in store then (kWh above 0 C, see
    `worth_kwh_k`), what flowed, what was commanded, what was heated."""

    air: list[float] = field(default_factory=list)
    stored: list[float] = field(default_factory=list)
    flowed: list[float] = field(default_factory=list)
    switched: list[float] = field(default_factory=list)
    commanded: list[bool] = field(default_factory=list)
    heated: list[float] = field(default_factory=list)

    def lived(self) -> Lived:
        return Lived(
            air=np.asarray(self.air),
            stored=np.asarray(self.stored),
            heat=np.asarray(self.heated),
            switched=np.asarray(self.switched),
        )


class Plant:
    """`readings` of a minute, then `obey` what came of them, then `pass_minute`."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._state: list[list[list[float]]] = course.state.tolist()
        self._heat: list[list[float]] = course.heat.tolist()
        self._push: list[list[float]] = course.push.tolist()
        self._kind: list[int] = course.kind.tolist()
        self._worth = worth_kwh_k(course.house)
        self._outdoor: list[float] = course.outdoor.tolist()
        self._x: tuple[float, float, float, float] = START
        self._thermometer = Thermometer(course)
        self._told: tuple[float, float] | None = None
        self._power_w = course.house.heater.power_kw * 1000
        self._meter = (course.script.hardware or course.house.hardware).power_meter
        self.actuator = Actuator(course.house, course.script)
        self.record = Record()

    @property
    def air_c(self) -> float:
        return self._x[0]

    def readings(self, minute: int) -> list[tuple[str, str, float]]:
        """(device, quantity, value) of what is sent now, in canonical units."""
        told: list[tuple[str, str, float]] = []
        temp = self._thermometer.ask(minute, self._x[3])
        if temp is not None:
            told.append(("sensor", "temperature", temp))
        if minute % _OUTDOOR_MIN == 0:
            told.append(("outdoor", "temperature", round(self._outdoor[minute], 1)))
        feedback = (self.actuator.switched, self.actuator.carries)
        if feedback != self._told or minute % _FEEDBACK_MIN == 0:
            self._told = feedback
            told.append(("heater", "switch", float(feedback[0] > 0)))
            if self._meter:
                told.append(("meter", "power", round(feedback[1] * self._power_w)))
        return told

    def pass_minute(self, minute: int) -> None:
        actuator, record = self.actuator, self.record
        actuator.step(minute, self._x[0])
        record.air.append(self._x[0])
        worth = self._worth
        record.stored.append(worth[0] * self._x[0] + worth[1] * self._x[1] + worth[2] * self._x[2])
        record.flowed.append(actuator.carries)
        record.switched.append(actuator.switched)
        record.commanded.append(actuator.commanded)
        record.heated.append(actuator.heats)
        self._x = self._after(minute, actuator.heats)

    def _after(self, minute: int, u: float) -> tuple[float, float, float, float]:
        kind = self._kind[minute]
        a, h = self._state[kind], self._heat[kind]
        p = self._push[minute]
        x0, x1, x2, x3 = self._x
        a0, a1, a2, a3 = a
        return (
            a0[0] * x0 + a0[1] * x1 + a0[2] * x2 + p[0] + h[0] * u,
            a1[0] * x0 + a1[1] * x1 + a1[2] * x2 + p[1] + h[1] * u,
            a2[0] * x0 + a2[1] * x1 + a2[2] * x2 + p[2] + h[2] * u,
            a3[0] * x0 + a3[1] * x1 + a3[2] * x2 + a3[3] * x3 + p[3] + h[3] * u,
        )
