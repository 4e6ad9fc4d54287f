"""One room's supervisor: what a law asks for, through every guard, to the orders that go out."""

import math
from collections.abc import Mapping

from gateway.climate import saved
from gateway.climate.supervisor.actuators import Actuators
from gateway.climate.supervisor.blind import Blind
from gateway.climate.supervisor.feedback import Feedback
from gateway.climate.supervisor.guards import Guards
from gateway.climate.supervisor.loss_line import LossLine
from gateway.climate.supervisor.ruling import Demand, Ruling
from gateway.climate.supervisor.watch import Watch, summer
from gateway.climate.words import Alarm, Drive, Law, Mode, Moment, Observed, Trust, Wanted
from gateway.config.climate import Room

_MODEL_FAULT_S = 600.0
_NO_ALARMS: frozenset[Alarm] = frozenset()
_DISTURBING = frozenset(
    {Alarm.WINDOW_OPEN, Alarm.HEATING_FAILURE, Alarm.RELAY_STUCK_ON, Alarm.VALVE_STUCK, Alarm.LINK_LOST}
)
"""Heat is not what was ordered, or not what the room usually takes: a device that hears nothing guards by itself."""


class Supervisor:
    """Call `step` every tick (1..60 s), whatever was lost. `suspected` are alarms that others found (a learned model
    that sees a failed heater): they are believed and acted on. `heater_known`: such a model would see a heater that
    does not obey. A drive's duty for a relay is already 0, 1 or -1."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._line = LossLine(room)
        self._watch = Watch(room.limits)
        self._blind = Blind(room, self._line)
        self._guards = Guards(room)
        self._feedback = Feedback(room)
        self._actuators = Actuators(room)
        self._model_fault_until_s = -math.inf
        self._now: Moment | None = None

    def step(
        self,
        observed: Observed,
        wanted: Wanted,
        drive: Drive,
        *,
        link_up: bool,
        suspected: frozenset[Alarm] = _NO_ALARMS,
        heater_known: bool = False,
    ) -> Ruling:
        now_s = observed.now.mono_s
        passed_s = 0.0 if self._now is None else max(0.0, now_s - self._now.mono_s)
        self._now = observed.now
        self._watch.begin(now_s, link_up=link_up)
        target_c = self._watch.target_c(wanted)
        share = self._actuators.share
        self._feedback.step(observed, share, target_c, suspected, link_up=link_up, heater_known=heater_known)
        alarms = self._alarms(observed, wanted, drive) | suspected
        self._learn(observed, share, passed_s, alarms)
        bounds = _bounds(observed)
        demand = self._guards.judge(
            self._demand(observed, wanted, drive, target_c), observed, bounds, heating=share > 0.0
        )
        orders = self._actuators.step(demand, observed, target_c, self._feedback, link_up=link_up)
        share = self._actuators.share
        return Ruling(
            orders=orders,
            alarms=frozenset(alarms),
            heating=share > 0.0,
            cooling=self._actuators.cooling,
            why=demand.why,
            law=demand.law,
            share=share,
        )

    def _demand(self, observed: Observed, wanted: Wanted, drive: Drive, target_c: float) -> Demand:
        """What to do before the guards: the law's drive where it can know the room, else without a thermometer."""
        trust = observed.temp.trust
        if trust is not Trust.GOOD:
            if trust is Trust.MISSING and observed.backup.good is None and self._watch.starting(observed.now.mono_s):
                return Demand(duty=0.0, law=Law.GUARD, why="waiting for the first word of the thermometer")
            return self._blind.step(observed, wanted, target_c)
        self._blind.over()
        duty = drive.duty if math.isfinite(drive.duty) else 0.0
        low = 0.0 if wanted.mode in {Mode.OFF, Mode.HEAT} else -1.0
        high = 0.0 if wanted.mode in {Mode.OFF, Mode.COOL} else 1.0
        return Demand(duty=min(max(duty, low), high), law=drive.law, why=drive.why)

    def _alarms(self, observed: Observed, wanted: Wanted, drive: Drive) -> set[Alarm]:
        now_s, limits, temp = observed.now.mono_s, self._room.limits, observed.temp.good
        found = self._watch.alarms(observed, wanted)
        if not math.isfinite(drive.duty):
            self._model_fault_until_s = now_s + _MODEL_FAULT_S
        if now_s < self._model_fault_until_s:
            found.add(Alarm.MODEL_FAULT)
        is_valve = self._room.drive == "valve"
        if self._feedback.failed:
            found.add(Alarm.HEATING_FAILURE)
        if self._feedback.stuck_on or (self._feedback.failed and is_valve):
            found.add(Alarm.VALVE_STUCK if is_valve else Alarm.RELAY_STUCK_ON)
        if temp is not None and temp >= limits.high_c and not summer(observed):
            found.add(Alarm.TOO_HOT)
        if temp is not None and temp < limits.frost_c:
            found.add(Alarm.FROST)
        return found

    def _learn(self, observed: Observed, share: float, passed_s: float, alarms: set[Alarm]) -> None:
        quiet = observed.window is not True and not alarms & _DISTURBING
        temp = observed.temp.good if quiet else None
        self._line.outside(observed.outdoor.good, passed_s)
        self._line.learn(share, temp, observed.outdoor.good, passed_s)

    def snapshot(self) -> dict[str, object]:
        now_s, wall = (0.0, None) if self._now is None else (self._now.mono_s, self._now.wall)
        return {
            "wall": None if wall is None else wall.timestamp(),
            "actuators": self._actuators.snapshot(now_s),
            "feedback": self._feedback.snapshot(now_s),
            "ceiling": self._guards.ceiling.snapshot(),
            "line": self._line.snapshot(),
        }

    def restore(self, state: Mapping[str, object], now: Moment) -> None:
        """Where the time away is not known, none has passed: the starts of the last hour then count in full."""
        then = saved.number(state, "wall")
        away_s = 0.0 if then is None or now.wall is None else max(0.0, now.wall.timestamp() - then)
        self._watch.restarted = True
        self._actuators.restore(saved.mapping(state, "actuators"), now.mono_s, away_s)
        self._feedback.restore(saved.mapping(state, "feedback"), now.mono_s - away_s)
        self._guards.ceiling.restore(saved.mapping(state, "ceiling"))
        self._line.restore(saved.mapping(state, "line"))


def _bounds(observed: Observed) -> tuple[float, float] | None:
    """The least and the most that the room may be at: an unexplained jump leaves both open."""
    temp = observed.temp if observed.temp.good is not None else observed.backup
    if temp.good is None:
        return None
    return min(temp.good, temp.good - temp.doubt), max(temp.good, temp.good - temp.doubt)
