"""When to try the accelerator, when to trust it, when to leave it alone: pure, time is given in seconds."""

import random
from collections.abc import Callable
from enum import StrEnum

from gateway.flow.supervise import Backoff

BACKOFF = Backoff(first_s=1.0, most_s=300.0, refused_s=300.0, healthy_s=60.0)
MOST_ERRORS = 3
"""So many failed runs on end, and the child that answers them is started anew."""


class Mode(StrEnum):
    """What answers: `OFF` the CPU, and nothing is amiss with that; `CPU` the CPU, until the accelerator is back;
    `TPU` the accelerator."""

    OFF = "off"
    CPU = "cpu"
    TPU = "tpu"


class Keeper:
    """The state machine of one accelerator.

    `OFF` and `CPU` lead to `TPU` by a probe that passed, everything else leads to `CPU` by a loss. A probe is `due`
    after a jittered exponential back-off, and at once when a device arrives. A device that was lost soon after it
    came back waits longer each time; one that served for `healthy_s` starts anew.
    """

    def __init__(self, backoff: Backoff = BACKOFF, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self.mode = Mode.OFF
        self.reason = ""
        self._backoff = backoff
        self._uniform = uniform
        self._attempts = 0
        self._errors = 0
        self._since_s = 0.0
        self._next_s: float | None = None

    @property
    def next_s(self) -> float | None:
        """When the next probe is due; None where only the arrival of a device leads to one."""
        return None if self.mode is Mode.TPU else self._next_s

    def due(self, now_s: float) -> bool:
        return self.next_s is not None and now_s >= self.next_s

    def arrived(self, reason: str, now_s: float) -> None:
        """A device was plugged in: probe at once. `reason` holds until there is something to try on it."""
        self._next_s = now_s
        if self.mode is Mode.OFF:
            self.reason = reason

    def passed(self, now_s: float) -> None:
        """The probe was answered as it should be."""
        self._turn(Mode.TPU, "", now_s)
        self._errors = 0

    def lost(self, reason: str, now_s: float) -> None:
        """The child died, hung or failed too often, or a probe did not pass."""
        if self.mode is Mode.TPU and now_s - self._since_s >= self._backoff.healthy_s:
            self._attempts = 0
        self._next_s = now_s + self._backoff.wait_s(self._attempts, self._uniform)
        self._attempts += 1
        self._turn(Mode.CPU, reason, now_s)

    def absent(self, reason: str, now_s: float) -> None:
        """No device is there: nothing is tried until one arrives. One that served before is missed."""
        self._next_s = None
        self._turn(Mode.OFF if self.mode is Mode.OFF else Mode.CPU, reason, now_s)

    def unusable(self, reason: str, now_s: float) -> None:
        """A person has to act first; it is tried again now and then, in case somebody has."""
        self._next_s = now_s + self._backoff.refused_s
        self._turn(Mode.OFF, reason, now_s)

    def failed(self) -> bool:
        """A run failed and the child lives. True when it was one too many."""
        self._errors += 1
        return self._errors >= MOST_ERRORS

    def answered(self) -> None:
        self._errors = 0

    def _turn(self, mode: Mode, reason: str, now_s: float) -> None:
        if mode is not self.mode:
            self._since_s = now_s
        self.mode, self.reason = mode, reason
