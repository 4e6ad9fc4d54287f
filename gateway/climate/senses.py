"""What a room betrays beyond its readings: who is there, open windows, heaters that do not obey."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from gateway.climate.sense.heater_watch import HeaterWatch
from gateway.climate.sense.occupancy import Occupancy
from gateway.climate.sense.presence import Presence
from gateway.climate.sense.windows import Windows
from gateway.climate.words import Alarm, Moment, Observed


class Kept(Protocol):
    """What a restart must not cost."""

    def snapshot(self) -> dict[str, object]: ...

    def restore(self, saved: Mapping[str, object], now: Moment, /) -> None:
        """Anything unreadable is as if it had never been."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """`alarms` are those that the supervisor does not find out by itself; `heater_known` whether they would tell of a
    heater that does not obey."""

    presence: Presence
    alarms: frozenset[Alarm]
    heater_known: bool = False

    @property
    def window(self) -> bool:
        """Whether one is open, by a contact's word or by what the room does."""
        return Alarm.WINDOW_OPEN in self.alarms


class Senses:
    """One room's. Call `step` at every tick."""

    def __init__(self, zone: tzinfo, pause_s: float) -> None:
        """`pause_s` as of `Windows`."""
        self._occupancy = Occupancy(zone)
        self._windows = Windows(pause_s)
        self._heater_watch = HeaterWatch()

    def step(self, seen: Observed, share: float, *, linked: bool) -> Noticed:
        """`share` is what the heater did since the last tick. A contact's word on windows always counts, what heat and
        temperature betray only while it is known what the heater does (`linked`)."""
        presence = self._occupancy.step(seen)
        found = frozenset[Alarm]()
        window = seen.window is True
        if linked:
            window = self._windows.step(seen, share)
            found = self._heater_watch.step(seen, share, airing=self._windows.certain)
            if Alarm.HEATING_FAILURE in found:  # a room without heat falls as an aired one does
                window = self._windows.certain
        if window:
            found |= {Alarm.WINDOW_OPEN}
        return Noticed(presence=presence, alarms=found, heater_known=linked and self._heater_watch.learned)

    @property
    def parts(self) -> Mapping[str, Kept]:
        """What is kept over restarts, by name."""
        return {"occupancy": self._occupancy, "windows": self._windows, "heater_watch": self._heater_watch}
