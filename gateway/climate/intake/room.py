"""All sensors of one room: readings in, `Observed` out."""

from collections import Counter
from collections.abc import Mapping

from gateway.climate import saved
from gateway.climate.intake.backup import Backup
from gateway.climate.intake.cadence import Cadence
from gateway.climate.intake.channel import Channel
from gateway.climate.intake.checks import RANGES, RangeCheck
from gateway.climate.intake.flags import Flag, any_on, since_change, since_yes
from gateway.climate.intake.stuck import StuckWatch
from gateway.climate.intake.thermometer import FLOOR, OUTDOOR, ROOM, Kind, Thermometer
from gateway.climate.words import NOTHING, Measured, Moment, Observed, Trust
from gateway.config.climate import Climate, Room
from gateway.errors import Invalid
from gateway.types import BOOT_ID, UNITS, Quality, Quantity, Reading
from gateway.wire.units import to_canonical

_Key = tuple[str, Quantity]
_STATES = frozenset({Quantity.CONTACT, Quantity.OCCUPANCY})
"""Said on change only, so that a retained word is all there is after a restart."""


class RoomIntake:
    """What a room's devices say: `hear` every reading there is (those of others are passed over), `observe` once a
    tick, `drove` after it. Refusals and repairs are counted by key in `counts`: "not_finite", "out_of_range",
    "error_code", "zero", "jump", "fahrenheit" and "moved" (both believed), "duplicate", "out_of_order", "stale",
    "unit_wrong", "other_boot"."""

    def __init__(self, room: Room, climate: Climate) -> None:
        self._counts: Counter[str] = Counter()
        self._devices: dict[str, Cadence] = {}
        self._channels: dict[_Key, Channel] = {}
        self._flags: dict[_Key, Flag] = {}
        self.temp = self._thermometer(room.sensor, ROOM, offset=room.offset_c)
        self._backup = None if room.backup_sensor is None else Backup(self._thermometer(room.backup_sensor, ROOM))
        self._outdoor = None if climate.outdoor is None else self._thermometer(climate.outdoor, OUTDOOR)
        self._floor = None if room.floor_sensor is None else self._thermometer(room.floor_sensor, FLOOR)
        self._humidity = self._plain(room.sensor, Quantity.HUMIDITY)
        self._co2 = self._plain(room.sensor, Quantity.CO2)
        self._light = self._plain(room.sensor, Quantity.ILLUMINANCE)
        self._power = self._plain(room.power_sensor or room.heater, Quantity.POWER)
        self._solar = self._plain(climate.solar_sensor, Quantity.POWER)
        self._heater = self._states(() if room.heater is None else (room.heater,), Quantity.SWITCH)
        self._windows = self._states(room.windows, Quantity.CONTACT)
        self._motion = self._states(room.motion, Quantity.OCCUPANCY)
        self._doors = self._states(room.doors, Quantity.CONTACT)
        self._phones = dict(zip(climate.phones, self._states(climate.phones, Quantity.OCCUPANCY), strict=True))
        self._stuck = StuckWatch(room)
        self._now = Moment(mono_s=0.0, wall=None)

    @property
    def counts(self) -> Mapping[str, int]:
        return self._counts

    def hear(self, reading: Reading, now: Moment) -> None:
        cadence = self._devices.get(reading.device)
        if cadence is None:
            return
        key = (reading.device, reading.quantity)
        stale = reading.quality is Quality.STALE and reading.quantity not in _STATES
        if stale or reading.stamp.boot != BOOT_ID:
            self._counts["stale" if stale else "other_boot"] += 1
            return
        at_s = min(reading.stamp.mono_ns / 1e9, now.mono_s)
        if reading.quality is not Quality.STALE:
            cadence.hear(at_s)
        if (flag := self._flags.get(key)) is not None:
            flag.hear(reading.value, at_s)
        if (channel := self._channels.get(key)) is not None:
            self._take(channel, reading, at_s, now.mono_s)

    def _take(self, channel: Channel, reading: Reading, at_s: float, now_s: float) -> None:
        try:
            value = reading.value
            if reading.unit != UNITS[reading.quantity]:
                value = to_canonical(reading.quantity, value, reading.unit)
        except Invalid as error:
            self._counts[error.key] += 1
            return
        before, is_temp = channel.value, channel is self.temp
        support = self._backup.trusted(now_s) if is_temp and self._backup is not None else None
        if wrong := channel.hear(value, at_s, now_s, support):
            self._counts[wrong] += 1
        if is_temp and channel.value is not None and channel.value != before:
            self._stuck.moved(before, channel.value)

    def observe(self, now: Moment) -> Observed:
        now_s = now.mono_s
        self._now = now
        self._watch(now_s)
        return Observed(
            now=now,
            temp=self.temp.measured(now_s),
            backup=NOTHING if self._backup is None else self._backup.measured(now_s),
            outdoor=_measured(self._outdoor, now_s),
            humidity=_measured(self._humidity, now_s),
            co2=_measured(self._co2, now_s),
            floor=_measured(self._floor, now_s),
            light=_measured(self._light, now_s),
            heater_on=any_on(self._heater),
            power_w=_measured(self._power, now_s),
            solar_w=_measured(self._solar, now_s),
            window=any_on(self._windows),
            motion_s=since_yes(self._motion, now_s),
            door_s=since_change(self._doors, now_s),
            phones={name: flag.on for name, flag in self._phones.items() if flag.on is not None},
        )

    def drove(self, duty: float, now: Moment) -> None:
        """What share of full power the heater was given this tick (0 or 1 for a relay), whoever decided it: a sensor
        that it should have moved, and did not, is stuck. Call it every tick."""
        temp = self.temp.value
        outdoor = None if self._outdoor is None else self._outdoor.value
        over_k = None if temp is None or outdoor is None else temp - outdoor
        self._stuck.drove(duty, now.mono_s, over_outdoor_k=over_k)

    def _watch(self, now_s: float) -> None:
        if self._backup is not None:
            self._backup.compare(self.temp.trusted(now_s), now_s)
            self._stuck.neighbour(self._backup.trusted(now_s))
        if self.temp.trust(now_s) not in {Trust.GOOD, Trust.STUCK}:
            self._stuck.rest()
        elif self._stuck.stuck:
            self.temp.check.stuck = True

    def _cadence(self, device: str) -> Cadence:
        return self._devices.setdefault(device, Cadence())

    def _thermometer(self, device: str, kind: Kind, *, offset: float = 0.0) -> Channel:
        channel = Channel(Thermometer(kind), self._cadence(device), offset=offset)
        return self._channels.setdefault((device, Quantity.TEMPERATURE), channel)

    def _plain(self, device: str | None, quantity: Quantity) -> Channel | None:
        if device is None:
            return None
        channel = Channel(RangeCheck(*RANGES[quantity]), self._cadence(device))
        return self._channels.setdefault((device, quantity), channel)

    def _states(self, devices: tuple[str, ...], quantity: Quantity) -> tuple[Flag, ...]:
        for device in devices:
            self._cadence(device)
        return tuple(self._flags.setdefault((device, quantity), Flag()) for device in devices)

    def snapshot(self) -> dict[str, object]:
        now_s = self._now.mono_s
        return {
            "wall": None if self._now.wall is None else self._now.wall.timestamp(),
            "stuck": self._stuck.snapshot(),
            "temp": self.temp.snapshot(now_s),
            "outdoor": {} if self._outdoor is None else self._outdoor.snapshot(now_s),
            "backup": {} if self._backup is None else self._backup.snapshot(),
        }

    def restore(self, state: Mapping[str, object], now: Moment) -> None:
        """Last values with their ages. How long nobody listened is known where both clocks were believed, else it is
        taken for nothing: an old value is then refused as silent a little later."""
        then = saved.number(state, "wall")
        away_s = 0.0 if then is None or now.wall is None else max(0.0, now.wall.timestamp() - then)
        self._stuck.restore(saved.mapping(state, "stuck"))
        self.temp.restore(saved.mapping(state, "temp"), now.mono_s, away_s)
        if self._outdoor is not None:
            self._outdoor.restore(saved.mapping(state, "outdoor"), now.mono_s, away_s)
        if self._backup is not None:
            self._backup.restore(saved.mapping(state, "backup"))


def _measured(channel: Channel | None, now_s: float) -> Measured:
    return NOTHING if channel is None else channel.measured(now_s)
