"""All rooms of a home, the boiler they share, and what the day ahead brings."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import tzinfo

from gateway.climate import saved as kept
from gateway.climate.boiler import BoilerControl
from gateway.climate.forecast.net import Net
from gateway.climate.grid import QUARTER_S, QUARTERS
from gateway.climate.history import STEP_S, Rows
from gateway.climate.plan.ahead import Ahead
from gateway.climate.plan.tariff import Prices
from gateway.climate.room import RoomControl, Row
from gateway.climate.surplus import Surplus
from gateway.climate.words import Alarm, Ask, Moment, Order, RoomStatus
from gateway.config.climate import Climate
from gateway.types import Quantity, Reading
from gateway.wire.hourly import Hourly, at


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """`orders` are due now, those of all rooms and the boiler's; `rows` are the five minutes that are complete."""

    orders: tuple[Order, ...]
    statuses: Mapping[str, RoomStatus]
    rows: Mapping[str, Row] = field(default_factory=dict)


class Home:
    """Synchronous and without a clock of its own; belongs to one thread. Call `tick` every 1 to 60 s, whatever was
    lost: with the link down nothing is ordered, and devices fall back by themselves once their leases end."""

    def __init__(
        self, climate: Climate, zone: tzinfo, net: Net | None = None, learning: Executor | None = None
    ) -> None:
        """`net` foretells where rooms go; the calling thread owns it. Models are learned on `learning`, at once where
        there is none."""
        self.rooms = {room.name: RoomControl(room, climate, zone, net, learning) for room in climate.rooms}
        self._prices = Prices(climate.tariff, zone)
        self._weather: Hourly = ()
        self._solar = climate.solar_sensor
        self._surplus = Surplus()
        self._boiler = None if climate.boiler is None else BoilerControl(climate.boiler)
        self._ahead = Ahead()
        self._ahead_s = float("-inf")

    def hear(self, reading: Reading, now: Moment) -> None:
        """Every reading there is; rooms pick theirs."""
        if reading.device == self._solar and reading.quantity is Quantity.POWER:
            self._surplus.hear(reading.value, now)
        for room in self.rooms.values():
            room.hear(reading, now)

    def ask(self, ask: Ask, now: Moment) -> Alarm | None:
        """What was refused, as an alarm; also for a room there is none of."""
        room = self.rooms.get(ask.room)
        return Alarm.SETPOINT_REJECTED if room is None else room.ask(ask, now)

    def hear_prices(self, told: Hourly) -> None:
        self._prices.hear(told)
        self._ahead_s = float("-inf")

    def hear_weather(self, told: Hourly) -> None:
        """Outdoor temperatures to come, in degC."""
        self._weather = told
        self._ahead_s = float("-inf")

    def tick(self, now: Moment, *, link_up: bool = True) -> Tick:
        ahead = self._look_ahead(now)
        ticked = {name: room.tick(now, ahead, link_up=link_up) for name, room in self.rooms.items()}
        orders = [order for one in ticked.values() for order in one.status.orders]
        if self._boiler is not None:
            demands = {name: room.share for name, room in self.rooms.items()}
            orders += self._boiler.step(demands, now, link_up=link_up)
        return Tick(
            orders=tuple(orders),
            statuses={name: one.status for name, one in ticked.items()},
            rows={name: one.row for name, one in ticked.items() if one.row is not None},
        )

    def _look_ahead(self, now: Moment) -> Ahead:
        """Renewed as often as decisions are taken."""
        if not 0.0 <= now.mono_s - self._ahead_s < STEP_S:
            self._ahead_s = now.mono_s
            self._ahead = Ahead(
                outdoor=self._outdoor(now), price=self._prices.ahead(now), solar_w=self._surplus.ahead(now)
            )
        return self._ahead

    def _outdoor(self, now: Moment) -> tuple[float, ...]:
        """By quarter hours as far as the forecast goes; empty where it has nothing to say of now."""
        if now.wall is None or not self._weather:
            return ()
        begin_s = now.wall.timestamp()
        told = (at(self._weather, begin_s + QUARTER_S * quarter) for quarter in range(QUARTERS))
        known: list[float] = []
        for value in told:
            if value is None:
                break
            known.append(value)
        return tuple(known)

    def snapshot(self, now: Moment) -> dict[str, object]:
        """All that must survive a restart but the rows of the history."""
        boiler = {} if self._boiler is None else self._boiler.snapshot()
        return {"rooms": {name: room.snapshot(now) for name, room in self.rooms.items()}, "boiler": boiler}

    def restore(self, saved: Mapping[str, object], now: Moment, rows: Mapping[str, Rows] | None = None) -> None:
        """Anything unreadable is as if it had never been; `rows` by room, up to now."""
        rooms = kept.mapping(saved, "rooms")
        for name, room in self.rooms.items():
            room.restore(kept.mapping(rooms, name), now, (rows or {}).get(name))
        if self._boiler is not None:
            self._boiler.restore(kept.mapping(saved, "boiler"), now)
