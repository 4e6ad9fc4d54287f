"""Another thermometer of the room, such as a radiator valve's own, with the offset that it was seen to have."""

from collections.abc import Mapping
from dataclasses import replace

from gateway.climate import saved
from gateway.climate.intake.channel import Channel
from gateway.climate.words import Measured

_SMOOTH_S = 24 * 3600.0
_MOST_K = 8.0
"""A valve sits beside its radiator; beyond this it measures something else."""


class Backup:
    """`offset` is what is added to it to get the room's own temperature: smoothed over a day, the plain mean before."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.offset = 0.0
        self._weight_s = 0.0
        self._compared_s: float | None = None

    def compare(self, temp: float | None, now_s: float) -> None:
        """Learn from a tick on which the room's own sensor says `temp`; None where that is not to be trusted."""
        passed_s = 0.0 if self._compared_s is None else now_s - self._compared_s
        self._compared_s = now_s
        own = self.channel.trusted(now_s)
        if temp is None or own is None or not 0.0 < passed_s < 3600.0 or abs(temp - own) > _MOST_K:
            return
        self._weight_s = min(self._weight_s + passed_s, _SMOOTH_S)
        self.offset += (temp - own - self.offset) * min(passed_s / self._weight_s, 1.0)

    def trusted(self, now_s: float) -> float | None:
        own = self.channel.trusted(now_s)
        return None if own is None else own + self.offset

    def measured(self, now_s: float) -> Measured:
        told = self.channel.measured(now_s)
        return told if told.value is None else replace(told, value=told.value + self.offset)

    def snapshot(self) -> dict[str, object]:
        return {"offset": self.offset, "weight_s": self._weight_s}

    def restore(self, state: Mapping[str, object]) -> None:
        offset = saved.number(state, "offset", -_MOST_K, _MOST_K)
        weight_s = saved.number(state, "weight_s", 0.0, _SMOOTH_S)
        if offset is not None and weight_s is not None:
            self.offset, self._weight_s = offset, weight_s
