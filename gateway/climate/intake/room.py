"""All sensors of one room: readings in, `Observed` out."""

from collections.abc import Mapping

from gateway.climate import saved
from gateway.climate.intake.backup import Backup
from gateway.climate.intake.channel import Channel
from gateway.climate.intake.devices import Devices
from gateway.climate.intake.flags import any_on, since_change, since_yes
from gateway.climate.intake.stuck import StuckWatch
from gateway.climate.intake.thermometer import FLOOR, OUTDOOR, ROOM
from gateway.climate.words import NOTHING, Measured, Moment, Observed, Trust
from gateway.config.climate import Climate, Room
from gateway.types import Quantity, Reading


class RoomIntake:
    """What a room's devices say: `hear` every reading there is (those of others are passed over), `observe` once a
    tick, `drove` after it. Refusals and repairs are counted by key in `counts`: "not_finite", "out_of_range",
    "error_code", "zero", "jump", "fahrenheit" and "moved" (both believed), "duplicate", "out_of_order", "stale",
    "unit_wrong", "other_boot"."""

    def __init__(self, room: Room, climate: Climate) -> None:
        devices = self._devices = Devices()
        self.temp = devices.thermometer(room.sensor, ROOM, offset=room.offset_c)
        self._outdoor = None if climate.outdoor is None else devices.thermometer(climate.outdoor, OUTDOOR)
        self._floor = None if room.floor_sensor is None else devices.thermometer(room.floor_sensor, FLOOR)
        self._humidity = devices.plain(room.sensor, Quantity.HUMIDITY)
        self._co2 = devices.plain(room.sensor, Quantity.CO2)
        self._light = devices.plain(room.sensor, Quantity.ILLUMINANCE)
        self._power = devices.plain(room.power_sensor or room.heater, Quantity.POWER)
        self._use = devices.plain(room.use_sensor, Quantity.POWER)
        self._solar = devices.plain(climate.solar_sensor, Quantity.POWER)
        self._heater = devices.states(() if room.heater is None else (room.heater,), Quantity.SWITCH)
        self._windows = devices.states(room.windows, Quantity.CONTACT)
        self._motion = devices.states(room.motion, Quantity.OCCUPANCY)
        self._doors = devices.states(room.doors, Quantity.CONTACT)
        self._phones = dict(zip(climate.phones, devices.states(climate.phones, Quantity.OCCUPANCY), strict=True))
        self._stuck = StuckWatch(room)
        self.temp.on_moved = self._stuck.moved
        self._backup: Backup | None = None
        if room.backup_sensor is not None:
            self._backup = Backup(devices.thermometer(room.backup_sensor, ROOM))
            self.temp.support = self._backup.trusted
        self._now = Moment(mono_s=0.0, wall=None)

    @property
    def counts(self) -> Mapping[str, int]:
        return self._devices.counts

    def hear(self, reading: Reading, now: Moment) -> None:
        self._devices.hear(reading, now)

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
            use_w=_measured(self._use, now_s),
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
        if self.temp.trust(now_s) is not Trust.GOOD and not self.temp.check.stuck:
            self._stuck.rest()
        elif self._stuck.stuck:
            self.temp.check.stuck = True

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
