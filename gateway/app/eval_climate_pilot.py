"""The product's climate control at the controls of a simulated house: `gateway.climate.home` and nothing around it."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from gateway.app.eval_climate_memory import ROOM, Memory
from gateway.app.steady_clock import SteadyClock
from gateway.climate.history import History
from gateway.climate.home import Home, Tick
from gateway.climate.outlook import RoomOutlook
from gateway.climate.words import Ask, Moment, Order
from gateway.config.climate import Climate
from gateway.types import UNITS, Quantity, Reading, Stamp

Answer = dict[str, Any]


class Pilot:
    """Answers one simulated minute after the other. `control` is "auto" or "classic". `memory` holds what restarts
    need, and what was learned before the first minute; it is filled where `hello` says that it will be needed. Where
    not `foretold` nobody says where rooms go: that drives nothing, and takes as long as all the rest."""

    def __init__(
        self, hello: Mapping[str, Any], control: str, memory: Memory | None = None, *, foretold: bool = True
    ) -> None:
        self._climate = Climate.model_validate({**hello["climate"], "control": control})
        self._zone = ZoneInfo(hello["zone"])
        self._foretold = foretold
        self._home = self._new_home()
        self._clock = SteadyClock()
        self._memory = memory
        self._keeps = hello.get("restarts", True)
        self._unborn = memory is not None and not memory.empty
        self._told: tuple[object, object] = (None, None)

    def answer(self, told: Mapping[str, Any]) -> Answer:
        wall = datetime.fromtimestamp(told["w"], UTC)
        if "born" in told or self._unborn:
            self._be_born(told["t"], wall)
        now = Moment(mono_s=told["t"], wall=self._clock.believed(told["t"], wall))
        stamp = Stamp(wall=wall, mono_ns=round(now.mono_s * 1e9))
        for device, quantity, value in told.get("r", ()):
            self._home.hear(_reading(device, quantity, value, stamp), now)
        for target_c, retained in told.get("ask", ()):
            if isinstance(target_c, int | float):
                self._home.ask(Ask(room=ROOM, target_c=float(target_c), retained=bool(retained)), now)
        if "f" in told:
            self._home.hear_weather(tuple((start, temp_c) for start, temp_c in told["f"]))
        if told.get("nan"):
            self._poison()
        tick = self._home.tick(now, link_up=bool(told.get("up", 1)))
        if self._memory is not None and self._keeps:
            self._memory.keep(self._home, tick, now, urgent="ask" in told)
        return self._said(tick)

    def _said(self, tick: Tick) -> Answer:
        status = tick.statuses[ROOM]
        answer: Answer = {"o": [_command(order) for order in tick.orders]} if tick.orders else {}
        told = (status.alarms, status.why)
        if told != self._told:
            self._told = told
            answer |= {"a": sorted(status.alarms), "why": status.why}
        return answer

    def _be_born(self, mono_s: float, wall: datetime) -> None:
        self._home, self._clock, self._unborn = self._new_home(), SteadyClock(), False
        if self._memory is not None:
            self._memory.restore(self._home, Moment(mono_s=mono_s, wall=wall), wall.timestamp())

    def _new_home(self) -> Home:
        home = Home(self._climate, self._zone)
        if not self._foretold:
            for room in home.rooms.values():
                room.insight.outlook = _NoOutlook(None, self._zone)
        return home

    def _poison(self) -> None:
        """The model computes nonsense from now on, until it is learned anew."""
        for room in self._home.rooms.values():
            observer = room.insight.learner.observer
            if observer is not None:
                observer.state = np.full_like(observer.state, math.nan)


class _NoOutlook(RoomOutlook):
    """Of a room that nobody asks where it goes."""

    def due(self, _history: History) -> bool:
        return False

    def remember(self, _history: History, _now: Moment) -> None:
        """There is nothing to remember for."""


def _reading(device: str, quantity: str, value: float, stamp: Stamp) -> Reading:
    known = _QUANTITIES[quantity]
    return Reading(device=device, quantity=known, value=value, unit=UNITS[known], stamp=stamp)


_QUANTITIES: Mapping[str, Quantity] = {quantity.value: quantity for quantity in Quantity}


def _command(order: Order) -> tuple[str, float, float]:
    """Device, share of full power, lease; the bench has no OpenTherm."""
    level = float(order.on) if order.on is not None else (order.level_pct or 0.0) / 100
    return order.target, level, order.lease_s
