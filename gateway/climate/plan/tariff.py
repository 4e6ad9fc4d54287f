"""What a kWh costs, now and for the day to come."""

from datetime import datetime, timedelta, tzinfo

from gateway.climate.grid import QUARTER_S, QUARTERS
from gateway.climate.words import Moment
from gateway.config.climate import Tariff
from gateway.wire.hourly import Hourly, at


class Prices:
    """Hourly prices where they were told, else the bands of the day in local time, else the one price."""

    def __init__(self, tariff: Tariff, zone: tzinfo) -> None:
        self._tariff = tariff
        self._zone = zone
        self._bands = sorted((band.at, band.price) for band in tariff.bands)
        self._told: Hourly = ()

    def hear(self, told: Hourly) -> None:
        """What arrived on the tariff's topic; it replaces what was told before."""
        self._told = told

    def now(self, now: Moment) -> float:
        return self._tariff.price if now.wall is None else self._at(now.wall)

    def ahead(self, now: Moment) -> tuple[float, ...]:
        """In the middle of each quarter hour from now on, (QUARTERS,). Empty where the time of day is not known or
        where there is but one price: it does not matter then when to heat."""
        if now.wall is None or not (self._bands or self._told):
            return ()
        middle = now.wall + timedelta(seconds=QUARTER_S / 2)
        return tuple(self._at(middle + timedelta(seconds=QUARTER_S * quarter)) for quarter in range(QUARTERS))

    def _at(self, wall: datetime) -> float:
        told = at(self._told, wall.timestamp()) if self._told else None
        if told is not None:
            return told
        clock = wall.astimezone(self._zone).time()
        begun = [price for start, price in self._bands if start <= clock]
        if begun:
            return begun[-1]
        return self._bands[-1][1] if self._bands else self._tariff.price
