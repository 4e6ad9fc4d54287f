"""Readings, rooms and events as they come, added to the sums of the hour."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.types import Event, Quantity, Reading
from gateway.types.climate import Alarm, Mode, RoomStatus
from gateway.uplink.summaries.sums import Sums

_HOLDS_S = 900.0
"""How long a value counts on after its last report."""
_TICK_S = 60.0
"""A room that was not looked at for longer is not known to have stayed as it was."""

_BELOW_K, _ABOVE_K = 0.5, 1.0
_SOMEBODY = 0.5
_MOST_KWH = 50.0
"""Between two reports of a meter: more is a meter that was exchanged."""

FAULTS = frozenset(Alarm) - {Alarm.WINDOW_OPEN, Alarm.SETPOINT_REJECTED, Alarm.RESTARTED}
"""Alarms that say that something is broken."""


@dataclass(frozen=True, slots=True)
class _Heard:
    value: float
    mono_s: float


class Readings:
    """How often a device reports, the energy its meter counts, and whether somebody is where it looks."""

    def __init__(self, sums: Sums, rooms_know: frozenset[str]) -> None:
        """`rooms_know` are the devices by which rooms find out whether somebody is there: those are not told twice."""
        self._sums = sums
        self._rooms_know = rooms_know
        self._last: dict[tuple[str, Quantity], _Heard] = {}

    def hear(self, reading: Reading) -> None:
        heard = _Heard(reading.value, reading.stamp.mono_ns / 1e9)
        before = self._last.get((reading.device, reading.quantity))
        self._last[reading.device, reading.quantity] = heard
        self._sums.add("device", reading.device, "readings", 1)
        if before is None:
            return
        held_s = min(max(heard.mono_s - before.mono_s, 0.0), _HOLDS_S)
        if reading.quantity is Quantity.ENERGY:
            self._count(reading.device, heard.value - before.value)
        elif reading.quantity is Quantity.POWER and (reading.device, Quantity.ENERGY) not in self._last:
            self._count(reading.device, max(before.value, 0.0) * held_s / 3.6e6)
        elif reading.quantity is Quantity.OCCUPANCY and before.value and reading.device not in self._rooms_know:
            self._sums.add("presence", reading.device, "s", held_s)

    def _count(self, device: str, kwh: float) -> None:
        """A meter that began anew, or was exchanged, is believed from its next report on."""
        if 0.0 <= kwh <= _MOST_KWH:
            self._sums.add("energy", device, "kwh", kwh)


class Rooms:
    """Comfort, presence, faults and heat of the rooms that are kept warm."""

    def __init__(self, sums: Sums, power_w: Mapping[str, float]) -> None:
        """`power_w` of heaters that no meter counts, by room."""
        self._sums = sums
        self._power_w = power_w
        self._last: dict[str, tuple[RoomStatus, float]] = {}

    def hear(self, status: RoomStatus, mono_s: float) -> None:
        """It was so until now as it was told last."""
        before = self._last.get(status.room)
        self._last[status.room] = (status, mono_s)
        if before is not None and 0.0 < mono_s - before[1] <= _TICK_S:
            self._lived(before[0], mono_s - before[1])

    def _lived(self, status: RoomStatus, seconds: float) -> None:
        room = status.room
        if status.occupied is not None:
            self._sums.add("presence", room, "s", seconds if status.occupied >= _SOMEBODY else 0.0)
        for alarm in status.alarms & FAULTS:
            self._sums.add("fault", room, alarm.value, seconds)
        if status.heating and room in self._power_w:
            self._sums.add("heat", room, "kwh", self._power_w[room] * seconds / 3.6e6)
        if status.temp_c is not None and status.wanted.mode in {Mode.AUTO, Mode.HEAT}:
            self._felt(status, status.temp_c, seconds / 3600)

    def _felt(self, status: RoomStatus, temp_c: float, hours: float) -> None:
        wanted, room = status.wanted, status.room
        comfort_time = wanted.target_c >= max(wanted.ahead, default=wanted.target_c)
        above_k = max(temp_c - wanted.target_c - _ABOVE_K, 0.0) if comfort_time else 0.0
        self._sums.add("comfort", room, "below", max(wanted.target_c - _BELOW_K - temp_c, 0.0) * hours)
        self._sums.add("comfort", room, "above", above_k * hours)
        self._sums.add("comfort", room, "c_h", temp_c * hours)
        self._sums.add("comfort", room, "h", hours)


def count_event(sums: Sums, event: Event) -> None:
    sums.add("event", event.kind.value, "count", 1)
