"""The product's climate control at the controls of a simulated house: `gateway.climate.home` and nothing around it."""

import json
import math
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from gateway.app.steady_clock import SteadyClock
from gateway.climate.history import COLUMNS, DAYS, STEP_S, Rows
from gateway.climate.home import Home, Tick
from gateway.climate.room import Row
from gateway.climate.words import Ask, Moment, Order
from gateway.config.climate import Climate
from gateway.types import UNITS, Quantity, Reading, Stamp

Answer = dict[str, Any]

_SAVED_EVERY_S = 300.0


class Pilot:
    """Answers one simulated minute after the other. `control` is "auto" or "classic"; `saves` keeps what a restart
    needs, as the store would, and costs time."""

    def __init__(self, hello: Mapping[str, Any], control: str, *, saves: bool = False) -> None:
        self._climate = Climate.model_validate({**hello["climate"], "control": control})
        self._zone = ZoneInfo(hello["zone"])
        self._home = Home(self._climate, self._zone)
        self._clock = SteadyClock()
        self._memory = _Memory() if saves else None
        self._told: tuple[object, object] = (None, None)

    def answer(self, told: Mapping[str, Any]) -> Answer:
        wall = datetime.fromtimestamp(told["w"], UTC)
        if "born" in told:
            self._be_born(told["t"], wall)
        now = Moment(mono_s=told["t"], wall=self._clock.believed(told["t"], wall))
        stamp = Stamp(wall=wall, mono_ns=round(now.mono_s * 1e9))
        for device, quantity, value in told.get("r", ()):
            self._home.hear(_reading(device, quantity, value, stamp), now)
        for target_c, retained in told.get("ask", ()):
            if isinstance(target_c, int | float):
                self._home.ask(Ask(room="room", target_c=float(target_c), retained=bool(retained)), now)
        if "f" in told:
            self._home.hear_weather(tuple((start, temp_c) for start, temp_c in told["f"]))
        if told.get("nan"):
            self._poison()
        tick = self._home.tick(now, link_up=bool(told.get("up", 1)))
        if self._memory is not None:
            self._memory.keep(self._home, tick, now)
        return self._said(tick)

    def _said(self, tick: Tick) -> Answer:
        status = tick.statuses["room"]
        answer: Answer = {"o": [_command(order) for order in tick.orders]} if tick.orders else {}
        told = (status.alarms, status.why)
        if told != self._told:
            self._told = told
            answer |= {"a": sorted(status.alarms), "why": status.why}
        return answer

    def _be_born(self, mono_s: float, wall: datetime) -> None:
        self._home, self._clock = Home(self._climate, self._zone), SteadyClock()
        if self._memory is not None:
            now = Moment(mono_s=mono_s, wall=wall)
            self._home.restore(self._memory.saved(), now, {"room": self._memory.rows(wall.timestamp())})

    def _poison(self) -> None:
        """The model computes nonsense from now on, until it is learned anew."""
        for room in self._home.rooms.values():
            observer = room.learner.observer
            if observer is not None:
                observer.state = np.full_like(observer.state, math.nan)


class _Memory:
    """What the store keeps: a snapshot of the home as JSON, and every row."""

    def __init__(self) -> None:
        self._saved = "{}"
        self._saved_s = -math.inf
        self._rows: deque[Row] = deque(maxlen=round(DAYS * 86400 / STEP_S))

    def keep(self, home: Home, tick: Tick, now: Moment) -> None:
        if "room" in tick.rows:
            self._rows.append(tick.rows["room"])
        if not 0 <= now.mono_s - self._saved_s < _SAVED_EVERY_S:
            self._saved_s = now.mono_s
            self._saved = json.dumps(home.snapshot(now))

    def saved(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self._saved)
        return found

    def rows(self, until_s: float) -> Rows:
        """On the grid up to now: where nobody was alive is NaN."""
        timed = [row for row in self._rows if math.isfinite(row["time_s"]) and row["time_s"] <= until_s]
        if not timed:
            return Rows(columns={name: np.empty(0) for name in COLUMNS})
        begin_s = max(timed[0]["time_s"], until_s - DAYS * 86400)
        grid = np.full((int((until_s - begin_s) // STEP_S) + 1, len(COLUMNS)), math.nan)
        for row in timed:
            place = round((row["time_s"] - begin_s) / STEP_S)
            if 0 <= place < len(grid):
                grid[place] = [row.get(name, math.nan) for name in COLUMNS]
        return Rows(columns={name: grid[:, number] for number, name in enumerate(COLUMNS)})


def _reading(device: str, quantity: str, value: float, stamp: Stamp) -> Reading:
    known = _QUANTITIES[quantity]
    return Reading(device=device, quantity=known, value=value, unit=UNITS[known], stamp=stamp)


_QUANTITIES: Mapping[str, Quantity] = {quantity.value: quantity for quantity in Quantity}


def _command(order: Order) -> tuple[str, float, float]:
    """Device, share of full power, lease; the bench has no OpenTherm."""
    level = float(order.on) if order.on is not None else (order.level_pct or 0.0) / 100
    return order.target, level, order.lease_s


Controller = Callable[[Mapping[str, Any]], Answer]
