"""Heat without the room's own thermometer."""

from gateway.climate.classic import Pulse
from gateway.climate.supervisor.loss_line import LossLine
from gateway.climate.supervisor.ruling import Demand
from gateway.climate.words import Law, Mode, Moment, Observed, Wanted
from gateway.config.climate import Room

_CYCLE_S = 2400.0
_AIM_C, _EXPECTED_FROM_C = 20.0, 16.5
_ABOVE_FROST_K = 5.0
"""An error of a third of the line at 15 K leaves the room above frost."""
_PER_K = 0.3


class Blind:
    """By another sensor where there is one: the loss line plus 30 % for each kelvin that is missing. Else by the line
    alone, without set-backs: aimed at 20 degC where people are expected, else at what is wanted, never under frost +
    5 K. A relay is given the duty as slow pulses."""

    def __init__(self, room: Room, line: LossLine) -> None:
        self._room = room
        self._line = line
        self._pulse: Pulse | None = None

    def step(self, observed: Observed, wanted: Wanted, target_c: float) -> Demand:
        """What to do at this tick, with the room's own sensor lost."""
        duty, why = self._duty(observed, wanted, target_c)
        if self._room.drive == "relay":
            duty = self._modulated(duty, observed.now)
        return Demand(duty=duty, law=Law.GUARD, why=why)

    def over(self) -> None:
        """The sensor is back."""
        self._pulse = None

    def _duty(self, observed: Observed, wanted: Wanted, target_c: float) -> tuple[float, str]:
        outdoor = observed.outdoor.good
        backup = observed.backup.good
        off = wanted.mode in {Mode.OFF, Mode.COOL}
        least_c = self._room.limits.frost_c + _ABOVE_FROST_K
        if backup is not None:
            if off:
                return 0.0, "the other sensor guards from frost"
            held = self._line.duty(target_c, outdoor) + _PER_K * (target_c - backup)
            return min(max(held, 0.0), 1.0), f"by the other sensor: {backup:.1f} °C, {target_c:.1f} °C wanted"
        aim_c = least_c if off else _AIM_C if target_c >= _EXPECTED_FROM_C else max(target_c, least_c)
        duty = self._line.duty(aim_c, outdoor)
        told = "no outdoor temperature either" if outdoor is None else f"{outdoor:.1f} °C outside"
        return duty, f"no thermometer: {duty:.0%} heat as the room's losses need, {told}"

    def _modulated(self, duty: float, now: Moment) -> float:
        if self._pulse is None:
            self._pulse = Pulse(self._room.limits, _CYCLE_S)
        return float(self._pulse.step(duty, now))
