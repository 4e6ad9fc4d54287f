"""One boiler for several rooms: it burns only while enough of them want heat and their valves had time to open."""

import math
from collections.abc import Mapping

from gateway.climate.words import Moment, Order
from gateway.config.climate import Boiler

LEASE_S = 900.0
MIN_ON_S = 240.0
MIN_OFF_S = 240.0


class BoilerControl:
    """Rooms ask by the share that their valves are open (0..1). A fire against closed valves boils its own water, so
    there is none before a valve had `valve_s` to open, and none a tick after the last room stopped asking, shortest
    burn or not. After a start of the gateway the boiler counts as just switched off."""

    def __init__(self, boiler: Boiler) -> None:
        self._boiler = boiler
        self._burning = False
        self._asked_s: dict[str, float] = {}
        self._switched_s: float | None = None
        self._overrun_until_s = -math.inf
        self._linked_s: float | None = None
        self._sent: dict[str, tuple[bool, float]] = {}

    def step(self, demands: Mapping[str, float], now: Moment, *, link_up: bool) -> tuple[Order, ...]:
        """The orders that are due: a change at once, the rest at a third of its lease. A demand that is not within
        0..1 counts as none. While the link is down nothing is sent; once the valves may have closed for lack of orders
        (two thirds of a lease) everything begins anew."""
        mono_s = now.mono_s
        if self._switched_s is None:
            self._switched_s = mono_s
        if link_up or self._linked_s is None:
            self._linked_s = mono_s
        reached = mono_s - self._linked_s < LEASE_S * 2 / 3
        asking = {room for room, share in demands.items() if reached and 0.0 < share <= 1.0}
        self._asked_s = {room: self._asked_s.get(room, mono_s) for room in sorted(asking)}
        opened = [room for room, since_s in self._asked_s.items() if mono_s - since_s >= self._boiler.valve_s]
        self._burn(mono_s, bool(opened), sum(demands[room] for room in opened) >= self._boiler.min_demand)
        if not link_up:
            self._sent.clear()
            return ()
        return self._orders(mono_s, opened)

    def _burn(self, mono_s: float, opened: bool, enough: bool) -> None:
        assert self._switched_s is not None
        for_s = mono_s - self._switched_s
        burns = opened and (enough or for_s < MIN_ON_S) if self._burning else opened and enough and for_s >= MIN_OFF_S
        if self._burning and not burns:
            self._overrun_until_s = mono_s + self._boiler.overrun_s
        if burns is not self._burning:
            self._burning, self._switched_s = burns, mono_s

    def _orders(self, mono_s: float, opened: list[str]) -> tuple[Order, ...]:
        orders = [self._order(self._boiler.device, self._burning, self._why(opened), mono_s)]
        if self._boiler.pump is not None:
            over_run = mono_s < self._overrun_until_s
            why = "the boiler burns" if self._burning else "pump over-run" if over_run else "the boiler is off"
            orders.append(self._order(self._boiler.pump, self._burning or over_run, why, mono_s))
        return tuple(order for order in orders if order is not None)

    def _why(self, opened: list[str]) -> str:
        if not self._asked_s:
            return "no room asks for heat"
        if not opened:
            return "waiting for valves to open"
        if self._burning:
            return f"{', '.join(opened)} {'ask' if len(opened) > 1 else 'asks'} for heat"
        return "little is asked for, or the boiler has just been off"

    def _order(self, target: str, on: bool, why: str, mono_s: float) -> Order | None:
        was_on, sent_s = self._sent.get(target, (None, -math.inf))
        if was_on is on and mono_s - sent_s < LEASE_S / 3:
            return None
        self._sent[target] = (on, mono_s)
        return Order(target=target, lease_s=LEASE_S, why=why, on=on)

    def snapshot(self) -> dict[str, object]:
        """Only whether the pump has yet to run on: a restart begins with the fire out."""
        return {"burning": self._burning}

    def restore(self, saved: Mapping[str, object], now: Moment) -> None:
        """What burned when the gateway went down has to be cooled."""
        if saved.get("burning") is True:
            self._overrun_until_s = now.mono_s + self._boiler.overrun_s
