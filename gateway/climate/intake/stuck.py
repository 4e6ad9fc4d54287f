"""A sensor that still reports and no longer moves, told by what should have moved it.

Two rules. From the fault table: unmoved for three hours while the heat swung by more than half, or while another
sensor of the room moved by more than 1 K. And by an energy balance, since three hours of full power are too long to
wait in a light house: unmoved while it should have risen by 2.5 K or fallen by 4.5 K. Any movement clears it.
"""

import math
from collections.abc import Mapping

from gateway.climate import saved
from gateway.config.climate import Room

DEFAULT_LOSS = 0.025
"""Share of full power that holds a room per kelvin above the outside, where nobody knows better: design for 40 K."""

_UNMOVED_S = 3 * 3600.0
_COARSE_S = 6 * 3600.0
_COARSE_K = 0.4
_SWING = 0.5
_NEIGHBOUR_K = 1.0
_SMOOTH_S = 3600.0
_RISE_K, _FALL_K = 2.5, 4.5
_RATE_K_H = {"radiator": 3.0, "electric": 3.0, "floor": 0.8}
"""Rise at full power beyond what holds the room, as it is assumed at first."""
_JUDGED_K = 1.0
_LEAST_SHARE, _GENEROUS = 0.15, 3.0


class StuckWatch:
    """Call `moved` when the sensor says something new, `drove` every tick, and `rest` while it is not heard."""

    def __init__(self, room: Room) -> None:
        self._rate_k_s = _RATE_K_H[room.emitter] / 3600.0
        self._loss = room.loss_duty_per_k or DEFAULT_LOSS
        self._duty = self._least = self._most = 0.0
        self._unmoved_s = 0.0
        self._expected_k = 0.0
        self._backup: tuple[float, float] | None = None
        self._step_k = math.inf
        self._share = 1.0
        """How much of the assumed rise this room was seen to do."""
        self._anchor: tuple[float, float] | None = None
        """A value, and what was expected of the room since: kept over several movements."""
        self._at_s: float | None = None

    def moved(self, before: float | None, value: float) -> None:
        if before is not None:
            self._step_k = min(self._step_k, abs(value - before))
        anchor_c, expected_k = self._anchor or (value, 0.0)
        expected_k += self._expected_k
        if expected_k >= _JUDGED_K:
            did = min(max((value - anchor_c) / expected_k, 0.0), 1.0)
            self._share += 0.3 * (did - self._share)
        judged = expected_k >= _JUDGED_K or expected_k < 0.0
        self._anchor = (value, 0.0) if judged else (anchor_c, expected_k)
        self.rest()

    def rest(self) -> None:
        """Whatever happens now tells nothing of the sensor."""
        self._least = self._most = self._duty
        self._unmoved_s = self._expected_k = 0.0
        self._backup = None

    def drove(self, duty: float, now_s: float, *, over_outdoor_k: float | None) -> None:
        """The heater ran at `duty` since the last call, with the room that much above the outside, where known."""
        passed_s = 0.0 if self._at_s is None else max(0.0, now_s - self._at_s)
        self._at_s = now_s
        self._unmoved_s += passed_s
        self._duty += (1.0 - math.exp(-passed_s / _SMOOTH_S)) * (duty - self._duty)
        self._least, self._most = min(self._least, self._duty), max(self._most, self._duty)
        holding = self._duty if over_outdoor_k is None else self._loss * max(over_outdoor_k, 0.0)
        self._expected_k += (duty - holding) * self._rate_k_s * passed_s

    def neighbour(self, value: float | None) -> None:
        """What the other sensor of the room says; None where it says nothing to be trusted."""
        if value is None:
            return
        low, high = self._backup or (value, value)
        self._backup = (min(low, value), max(high, value))

    @property
    def stuck(self) -> bool:
        expected_k = self._expected_k * min(max(_GENEROUS * self._share, _LEAST_SHARE), 1.0)
        if expected_k > _RISE_K or expected_k < -_FALL_K:
            return True
        coarse = _COARSE_K <= self._step_k < math.inf
        if self._unmoved_s < (_COARSE_S if coarse else _UNMOVED_S):
            return False
        low, high = self._backup or (0.0, 0.0)
        return self._most - self._least > _SWING or high - low > _NEIGHBOUR_K

    def snapshot(self) -> dict[str, object]:
        return {"share": self._share}

    def restore(self, state: Mapping[str, object]) -> None:
        share = saved.number(state, "share", 0.0, 1.0)
        self._share = self._share if share is None else share
