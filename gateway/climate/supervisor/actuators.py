"""From a demand to the orders of a room's actuators."""

from collections.abc import Mapping

from gateway.climate.supervisor.feedback import Feedback
from gateway.climate.supervisor.leases import Desk
from gateway.climate.supervisor.relay import RelayGuard
from gateway.climate.supervisor.ruling import Demand
from gateway.climate.words import Observed, Order
from gateway.config.climate import Room

_ON = 0.5
"""A relay's duty is 0 or 1."""
_CLOSED = 0.02
_FLOW_BASE_C, _FLOW_SPAN_K, _FLOW_MOST_C = 25.0, 50.0, {"floor": 45.0, "radiator": 75.0, "electric": 75.0}
_NO_FLOW_C = 10.0
"""No burner fires for it. 0 would mean to an OpenTherm gateway that its override ends."""
_SPARE_ON_K, _SPARE_OFF_K = -0.3, 0.2


class Actuators:
    """Heater, cooler, spare heater and the contactor in series, each with its switching limits and leases. Heater and
    cooler never run together."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._heater, self._cooler, self._spare = (RelayGuard(room.limits) for _ in range(3))
        self._desk = Desk(room.limits.lease_s)
        self._level = 0.0
        self._opened = False
        self._link_up = True

    @property
    def share(self) -> float:
        """Share of full power that the heater is ordered to run at."""
        return float(self._heater.on) if self._room.drive == "relay" else self._level

    @property
    def cooling(self) -> bool:
        return self._cooler.on

    def step(
        self, demand: Demand, observed: Observed, target_c: float, feedback: Feedback, *, link_up: bool
    ) -> tuple[Order, ...]:
        """The orders that are due. While the link is down nothing is sent and nothing switched, but for what lets go by
        itself when its lease ends."""
        now_s = observed.now.mono_s
        self._lapse(now_s)
        if link_up and not self._link_up:
            self._desk.forget()
        self._link_up = link_up
        if not link_up:
            return ()
        self._switch(demand, observed.temp.good, target_c, failed=feedback.failed, now_s=now_s)
        due: list[Order] = []
        for order in self._orders(demand, stuck_on=feedback.stuck_on):
            due += self._desk.due(order, now_s, again=feedback.again and order.target == self._room.heater)
        return tuple(due)

    def _lapse(self, now_s: float) -> None:
        """Whose lease ended unrenewed has let go."""
        room = self._room
        for device, relay in (
            (room.heater, self._heater),
            (room.cooler, self._cooler),
            (room.spare_heater, self._spare),
        ):
            if now_s >= self._desk.ends(device):
                relay.went_off(self._desk.ends(device))
        if now_s >= self._desk.ends(room.heater):
            self._level = 0.0

    def _switch(self, demand: Demand, temp: float | None, target_c: float, *, failed: bool, now_s: float) -> None:
        heat, guard = demand.duty >= _ON, demand.guard
        if self._room.drive != "relay":
            self._level = demand.duty if demand.duty >= _CLOSED and not self._cooler.on else 0.0
            heat = self._level > 0.0
        else:
            self._heater.step(heat and not self._cooler.on, now_s, hard=demand.no_heat, guard=guard)
        heated = self.share > 0.0
        self._cooler.step(demand.duty <= -_ON and not heated, now_s, hard=demand.no_cooling)
        spare_to_c = target_c + (_SPARE_OFF_K if self._spare.on else _SPARE_ON_K)
        short = guard or temp is None or temp < spare_to_c
        self._spare.step(failed and heat and short and not self._cooler.on, now_s, hard=demand.no_heat, guard=guard)

    def _orders(self, demand: Demand, *, stuck_on: bool) -> list[Order]:
        room, orders = self._room, list[Order]()
        if room.heater is not None:
            orders.append(self._heat(room.heater, demand.why))
        for device, relay in ((room.cooler, self._cooler), (room.spare_heater, self._spare)):
            if device is not None:
                orders.append(self._switched(device, relay.on, demand.why))
        if room.second_contactor is not None and (stuck_on or self._opened):
            self._opened = True
            why = "the relay before it is stuck" if stuck_on else demand.why
            orders.append(self._switched(room.second_contactor, self.share > 0.0 or not stuck_on, why))
        return orders

    def _heat(self, device: str, why: str) -> Order:
        if self._room.drive == "relay":
            return self._switched(device, self._heater.on, why)
        if self._room.drive == "valve":
            return Order(target=device, lease_s=self._desk.lease_s, why=why, level_pct=round(100 * self._level, 1))
        warm = min(_FLOW_BASE_C + _FLOW_SPAN_K * self._level, _FLOW_MOST_C[self._room.emitter])
        flow_c = round(warm, 1) if self._level > 0.0 else _NO_FLOW_C
        return Order(target=device, lease_s=self._desk.lease_s, why=why, flow_c=flow_c)

    def _switched(self, device: str, on: bool, why: str) -> Order:
        return Order(target=device, lease_s=self._desk.lease_s, why=why, on=on)

    def snapshot(self, now_s: float) -> dict[str, object]:
        relays = {"heater": self._heater, "cooler": self._cooler, "spare": self._spare}
        return {name: relay.snapshot(now_s) for name, relay in relays.items()} | {"opened": self._opened}

    def restore(self, state: Mapping[str, object], now_s: float, away_s: float) -> None:
        """Everything counts as just switched off; the starts of the last hour still count."""
        for name, relay in (("heater", self._heater), ("cooler", self._cooler), ("spare", self._spare)):
            relay.restore(state.get(name), now_s, away_s)
        self._opened = state.get("opened") is True
