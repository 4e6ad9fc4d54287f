"""The devices of one room: which readings are asked of them, and where these go."""

from collections import Counter
from collections.abc import Sequence

from gateway.climate.intake.cadence import Cadence
from gateway.climate.intake.channel import Channel
from gateway.climate.intake.checks import RANGES, RangeCheck
from gateway.climate.intake.flags import Flag
from gateway.climate.intake.thermometer import Kind, Thermometer
from gateway.climate.words import Moment
from gateway.errors import Invalid
from gateway.types import BOOT_ID, UNITS, Quality, Quantity, Reading
from gateway.wire.units import to_canonical

_STATES = frozenset({Quantity.CONTACT, Quantity.OCCUPANCY})
"""Said on change only, so that a retained word is all there is after a restart."""

_Key = tuple[str, Quantity]


class Devices:
    """Ask for what is needed first, then `hear` everything: what nobody asked for is passed over. `counts` holds what
    was refused or repaired, by key."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._cadences: dict[str, Cadence] = {}
        self._channels: dict[_Key, Channel] = {}
        self._flags: dict[_Key, Flag] = {}

    def thermometer(self, device: str, kind: Kind, *, offset: float = 0.0) -> Channel:
        channel = Channel(Thermometer(kind), self._cadence(device), offset=offset)
        return self._channels.setdefault((device, Quantity.TEMPERATURE), channel)

    def plain(self, device: str | None, quantity: Quantity) -> Channel | None:
        """A quantity that is judged by its range only; None without a device."""
        if device is None:
            return None
        channel = Channel(RangeCheck(*RANGES[quantity]), self._cadence(device))
        return self._channels.setdefault((device, quantity), channel)

    def states(self, devices: Sequence[str], quantity: Quantity) -> tuple[Flag, ...]:
        for device in devices:
            self._cadence(device)
        return tuple(self._flags.setdefault((device, quantity), Flag()) for device in devices)

    def hear(self, reading: Reading, now: Moment) -> None:
        cadence = self._cadences.get(reading.device)
        if cadence is None:
            return
        retained = reading.quality is Quality.STALE
        if reading.stamp.boot != BOOT_ID or (retained and reading.quantity not in _STATES):
            self.counts["stale" if retained else "other_boot"] += 1
            return
        at_s = min(reading.stamp.mono_ns / 1e9, now.mono_s)
        if not retained:
            cadence.hear(at_s)
        key = (reading.device, reading.quantity)
        if (flag := self._flags.get(key)) is not None:
            flag.hear(reading.value, at_s)
        if (channel := self._channels.get(key)) is not None and (wrong := _take(channel, reading, at_s, now)):
            self.counts[wrong] += 1

    def _cadence(self, device: str) -> Cadence:
        return self._cadences.setdefault(device, Cadence())


def _take(channel: Channel, reading: Reading, at_s: float, now: Moment) -> str:
    """The key of what was wrong, "" where nothing was."""
    value = reading.value
    try:
        if reading.unit != UNITS[reading.quantity]:
            value = to_canonical(reading.quantity, value, reading.unit)
    except Invalid as error:
        return error.key
    return channel.hear(value, at_s, now.mono_s)
