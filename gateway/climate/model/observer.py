"""Following one room in real time: the filter of `kalman`, one row at a time."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from gateway.climate.model.room_model import RoomModel
from gateway.climate.model.thermal import MAX_DELAY, delay_weights, true_air
from gateway.climate.words import Floats

_LONG_STEPS = 6
_FOUND = np.array([1.0, 0.5, 1.0, 0.0])
"""By how much of what the air turns out to have moved unseen, the stores have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One row as it was lived through: `temp_c` None where unread or not to be learned from, `quarter` as in
    `series.slots`."""

    temp_c: float | None
    outdoor_c: float
    duty: float
    quarter: int
    odd: bool = False
    """A window was open, or something was not as it should be."""


class Observer:
    """`state` (4,) after the last step, and `air_c`, which the thermometer follows."""

    def __init__(self, model: RoomModel, state: Floats) -> None:
        self.model = model
        self.state = state
        self._duties: deque[float] = deque([0.0] * (MAX_DELAY + 1), maxlen=MAX_DELAY + 1)
        self._readout = true_air(model.parameters)
        self.air_c = float(state[0])
        self._unread = 0
        self._weights = delay_weights(model.parameters[7:])[0][::-1]

    @property
    def duties(self) -> Floats:
        """Of the last steps, (MAX_DELAY,), oldest first."""
        return np.array(self._duties)[1:]

    @property
    def lost(self) -> bool:
        """Whether there was no reading for `_LONG_STEPS`."""
        return self._unread >= _LONG_STEPS

    def lose(self) -> None:
        """The state is of long ago: the next reading tells where the room is."""
        self._unread = _LONG_STEPS

    def load(self, duties: Floats) -> None:
        """What the heater did in the last steps, oldest first."""
        self._duties.extend(duties[-MAX_DELAY - 1 :].tolist())

    def step(self, lived: Step) -> float | None:
        """Take in a row; what it surprises by in C, None where unread. The first reading after a long silence is no
        surprise."""
        if lived.temp_c is not None and self.lost:
            moved = lived.temp_c - float(self.state[0])
            self.state = self.state + moved * _FOUND
        self._unread = 0 if lived.temp_c is not None else self._unread + 1
        self._duties.append(lived.duty)
        model = self.model
        heat = float(np.dot(self._weights, self._duties))
        inputs = np.array([heat, lived.outdoor_c, model.usual[lived.quarter]])
        self.state = model.discrete.a[0] @ self.state + model.discrete.b[0] @ inputs
        surprise = None if lived.temp_c is None else lived.temp_c - float(self.state[0])
        if surprise is not None:
            self.state = self.state + model.gain.gain[0] * surprise
        self.air_c = float(self._readout @ np.concatenate([self.state, inputs]))
        return surprise
