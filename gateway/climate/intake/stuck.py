"""A sensor that still reports and no longer moves, told by what should have moved it.

Two rules. From the fault table: unmoved for three hours while the heat swung by more than half, or while another
sensor of the room moved by more than 1 K. And by an energy balance, since three hours of full power are too long to
wait in a light house: unmoved while it should have risen by 2.5 K or fallen by 6 K. Any movement clears it.
"""

import math

from gateway.config.climate import Room

_UNMOVED_S = 3 * 3600.0
_COARSE_S = 6 * 3600.0
_COARSE_K = 0.4
_SWING = 0.5
_NEIGHBOUR_K = 1.0
_SMOOTH_S = 3600.0
_RISE_K, _FALL_K = 2.5, 6.0
_RATE_K_H = {"radiator": 3.0, "electric": 3.0, "floor": 0.8}
"""Assumed rise at full power beyond what holds the room: far above most rooms' is no harm, since whatever really rises
by one step of the sensor begins anew."""
DEFAULT_LOSS = 0.025
"""Share of full power that holds a room per kelvin above the outside, where nobody knows better: design for 40 K."""


class StuckWatch:
    def __init__(self, room: Room) -> None:
        self._rate_k_s = _RATE_K_H[room.emitter] / 3600.0
        self._loss = room.loss_duty_per_k or DEFAULT_LOSS
        self._duty = 0.0
        self._least = self._most = 0.0
        self._expected_k = 0.0
        self._backup: tuple[float, float] | None = None
        self._step_k = math.inf
        self._at_s: float | None = None

    def moved(self, by_k: float) -> None:
        """The sensor said something else than before."""
        self._step_k = min(self._step_k, abs(by_k)) if by_k else self._step_k
        self._least = self._most = self._duty
        self._expected_k = 0.0
        self._backup = None

    def drove(self, duty: float, now_s: float, *, over_outdoor_k: float | None) -> None:
        """The heater ran at `duty` since the last call, with the room that much above the outside, where known."""
        passed_s = 0.0 if self._at_s is None else max(0.0, now_s - self._at_s)
        self._at_s = now_s
        weight = 1.0 - math.exp(-passed_s / _SMOOTH_S)
        self._duty += weight * (duty - self._duty)
        self._least, self._most = min(self._least, self._duty), max(self._most, self._duty)
        holding = self._duty if over_outdoor_k is None else self._loss * max(over_outdoor_k, 0.0)
        self._expected_k += (duty - holding) * self._rate_k_s * passed_s

    def neighbour(self, value: float | None) -> None:
        """What the other sensor of the room says; None where it says nothing to be trusted."""
        if value is None:
            return
        low, high = self._backup or (value, value)
        self._backup = (min(low, value), max(high, value))

    def stuck(self, unmoved_s: float) -> bool:
        if self._expected_k > _RISE_K or self._expected_k < -_FALL_K:
            return True
        patience_s = _COARSE_S if _COARSE_K <= self._step_k < math.inf else _UNMOVED_S
        if unmoved_s < patience_s:
            return False
        low, high = self._backup or (0.0, 0.0)
        return self._most - self._least > _SWING or high - low > _NEIGHBOUR_K
