"""Quarter hours of the local week's kinds of day, as in `series.slots`, of now and of the steps to come."""

from datetime import timedelta, tzinfo

import numpy as np

from gateway.climate.history import STEP_S
from gateway.climate.model.series import QUARTERS, Slots, slots
from gateway.climate.words import Moment


class Quarters:
    """Where no clock can be believed, it stays the quarter it was last."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._last = 0

    def now(self, now: Moment) -> int:
        local = now.local(self._zone)
        if local is not None:
            self._last = local.hour * 4 + local.minute // 15 + (QUARTERS if local.weekday() >= 5 else 0)
        return self._last

    def ahead(self, now: Moment, steps: int) -> Slots:
        """Of the next `steps` steps, (steps,)."""
        local = now.local(self._zone)
        if local is None:
            return np.full(steps, self._last)
        seconds = local.timestamp() + (local.utcoffset() or timedelta()).total_seconds()
        return slots(np.asarray(seconds + STEP_S * np.arange(1, steps + 1), np.float64))
