"""The hours to come as people see them: where rooms go, what heat will cost, and what a row keeps to be judged by."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

import numpy as np

from gateway.climate.grid import QUARTER_S
from gateway.climate.history import STEP_S
from gateway.climate.home import Home
from gateway.climate.plan.tariff import Prices
from gateway.climate.words import Forecast, Moment, RoomStatus
from gateway.config.climate import Tariff
from gateway.wire.hourly import Hourly

FORETOLD_H = (1, 3)
"""Hours ahead of which a row keeps what was expected: "in_1h_c" and "in_3h_c"."""


class Coming:
    """Belongs to the thread that ticks. Forecasts are fetched when a row is complete, prices every five minutes and
    when others were told: neither is made at every tick."""

    def __init__(self, tariff: Tariff, zone: tzinfo) -> None:
        self._tariff = Prices(tariff, zone)
        self._forecasts: dict[str, Forecast | None] = {}
        self._prices: Hourly = ()
        self._prices_s = float("-inf")

    def hear_prices(self, told: Hourly) -> None:
        self._tariff.hear(told)
        self._prices_s = float("-inf")

    def look(self, home: Home, complete: Iterable[str], now: Moment) -> None:
        """`complete` are the rooms that have a new row."""
        for room in complete:
            self._forecasts[room] = home.rooms[room].forecast
        if now.mono_s - self._prices_s >= STEP_S:
            self._prices_s = now.mono_s
            self._prices = self._priced(now)

    def shown(self, status: RoomStatus) -> RoomStatus:
        """With what is known of the hours to come."""
        return replace(status, forecast=self._forecasts.get(status.room), price_ahead=self._prices)

    def _priced(self, now: Moment) -> Hourly:
        """From the quarter of an hour that has begun; only where a price changes."""
        if now.wall is None:
            return ()
        began_s = now.wall.timestamp() // QUARTER_S * QUARTER_S
        quarters = self._tariff.ahead(replace(now, wall=datetime.fromtimestamp(began_s, UTC)))
        changes = [n for n, price in enumerate(quarters) if n == 0 or price != quarters[n - 1]]
        return tuple((began_s + n * QUARTER_S, quarters[n]) for n in changes)


def foretold(status: RoomStatus) -> Mapping[str, float]:
    """What a row keeps of the forecast, so that it can be laid beside what came. Nothing where it does not reach."""
    ahead = status.forecast
    if ahead is None or not ahead.ahead_s:
        return {}
    reached = [hours for hours in FORETOLD_H if hours * 3600.0 <= ahead.ahead_s[-1]]
    return {f"in_{hours}h_c": float(np.interp(hours * 3600.0, ahead.ahead_s, ahead.temp_c)) for hours in reached}
