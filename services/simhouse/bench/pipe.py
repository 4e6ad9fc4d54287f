"""A controller on the other end: JSON lines, one each simulated minute, answered before time goes on.

Out, first: {"hello": {"minutes", "start", "zone", "restarts", "climate"}}, where `climate` is the product's own
configuration for this home and `restarts` tells the harness whether anything need be kept. Then each minute
{"t": monotonic s, "w": the gateway's wall clock (POSIX s, wrong where it jumped)} and, if there is something to say,
"r": [[device, quantity, value]...], "up": 0 (no broker), "ask": [[set-point, retained]...], "f": [[POSIX s, outdoor
C]...] (what the weather service says), "nan": 1 (the model is to give nonsense), "born": "crash" | "boot" (the gateway
has just been started again; after a boot `t` counts anew). While the gateway is dead nothing is sent. At last
{"verdict": {...}}.

In, each minute: {"o": [[device, level 0..1, lease s]...], "a": alarms that stand now, "why": text}; what is left out
is as before, and no order is a new one.
What is true inside the house is never told.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from gateway.errors import Invalid
from services.simhouse.bench.course import Course
from services.simhouse.bench.job import Run
from services.simhouse.bench.plant import Plant
from services.simhouse.bench.script import Fault
from services.simhouse.bench.sensing import forecast

_BOOTED_S = 30.0
_MONO_S = 1000.0


class Gateway:
    """The gateway as the house sees it: alive or not, its clocks, its broker."""

    def __init__(self, course: Course, *, forecasts: bool) -> None:
        self._course = course
        self._forecasts = forecasts
        self._faults = course.script.faults
        self._offset_s = _MONO_S
        self._born: str | None = None
        self._asked: dict[int, tuple[int, int]] = {}

    def alive(self, minute: int) -> bool:
        if not self._faults:
            return True
        script = self._course.script
        if script.active("power_cut", minute):
            self._born = "boot"
        elif script.active("gateway_killed", minute):
            self._born = self._born or "crash"
        else:
            return True
        return False

    def connected(self, minute: int) -> bool:
        return not (self._faults and self._course.script.active("broker_gone", minute))

    def line(self, minute: int, readings: list[tuple[str, str, float]]) -> dict[str, Any]:
        """What is sent this minute."""
        now_s = minute * 60.0
        if self._born == "boot":
            self._offset_s = _BOOTED_S - now_s
        told: dict[str, Any] = {"t": now_s + self._offset_s, "w": self._course.start_s + now_s}
        if readings:
            told["r"] = readings
        if self._forecasts and minute % 60 == 0:
            told["f"] = forecast(self._course, minute)
        if self._faults:
            self._add_faults(told, minute)
        if self._born is not None:
            told["born"], self._born = self._born, None
        return told

    def _add_faults(self, told: dict[str, Any], minute: int) -> None:
        if not self.connected(minute):
            told["up"] = 0
            told.pop("r", None)
            told.pop("f", None)
        asks = []
        for number, fault in enumerate(self._faults):
            if not fault.begin <= minute < fault.end:
                continue
            if fault.kind == "clock_jump":
                told["w"] += fault.value or 0.0
            elif fault.kind == "model_nan":
                told["nan"] = 1
            elif fault.kind == "setpoint" and self.connected(minute):
                asks += self._asks(number, fault, minute)
        if asks:
            told["ask"] = asks

    def _asks(self, number: int, fault: Fault, minute: int) -> list[list[object]]:
        count, due = self._asked.get(number, (0, fault.begin))
        if minute < due or not fault.values or (fault.every_min is None and count >= len(fault.values)):
            return []
        every = 1.0 if fault.every_min is None else max(1.0, fault.every_min)
        self._asked[number] = (count + 1, minute + round(every))
        return [[fault.values[count % len(fault.values)], int(fault.retained)]]


def converse(run: Run, hello: Mapping[str, Any], lines: TextIO, out: TextIO) -> "Talk":
    """Lives through the run. Raises `Invalid` ("controller_gone", "answer_invalid")."""
    course = run.course
    talk = Talk(course, forecasts=run.job.forecast)
    _say(out, {"hello": hello})
    for minute in range(len(course)):
        talk.minute(minute, lambda told: _exchange(told, lines, out))
    return talk


class Talk:
    """One run, and what was heard of the controller: the minutes at which each alarm rose and fell, by code."""

    def __init__(self, course: Course, *, forecasts: bool = False) -> None:
        self.plant = Plant(course)
        self.alarms: dict[str, list[int]] = {}
        self.silenced: dict[str, list[int]] = {}
        self.reasons: list[tuple[int, str]] = []
        self._gateway = Gateway(course, forecasts=forecasts)
        self._standing: frozenset[str] = frozenset()

    def minute(self, minute: int, exchange: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
        readings = self.plant.readings(minute)
        if self._gateway.alive(minute):
            answer = exchange(self._gateway.line(minute, readings))
            if self._gateway.connected(minute):
                self._carry_out(minute, answer.get("o", ()))
            self._hear(minute, answer)
        self.plant.pass_minute(minute)

    def _carry_out(self, minute: int, orders: Any) -> None:
        try:
            for device, level, lease_s in orders:
                self.plant.actuator.obey(str(device), float(level), float(lease_s), minute * 60.0)
        except (TypeError, ValueError):
            raise Invalid("answer_invalid", orders=str(orders)[:100]) from None

    def _hear(self, minute: int, answer: Mapping[str, Any]) -> None:
        standing = frozenset(answer.get("a", self._standing))
        for code in standing - self._standing:
            self.alarms.setdefault(code, []).append(minute)
        for code in self._standing - standing:
            self.silenced.setdefault(code, []).append(minute)
        self._standing = standing
        why = answer.get("why")
        if why is not None and (not self.reasons or self.reasons[-1][1] != why):
            self.reasons.append((minute, why))


def _exchange(told: dict[str, Any], lines: TextIO, out: TextIO) -> Mapping[str, Any]:
    _say(out, told)
    line = lines.readline()
    if not line:
        raise Invalid("controller_gone")
    try:
        answer = json.loads(line)
    except ValueError:
        raise Invalid("answer_invalid", line=line[:100]) from None
    if not isinstance(answer, dict):
        raise Invalid("answer_invalid", line=line[:100])
    return answer


def _say(out: TextIO, told: Mapping[str, Any]) -> None:
    out.write(json.dumps(told, separators=(",", ":")) + "\n")
    out.flush()
