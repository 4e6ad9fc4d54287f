"""A house of three stores (air, envelope, emitter) for closing the loop, after Bacher & Madsen (2011): made up
parameters, explicit steps of a minute, no noise."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.climate.words import Measured, Moment, Observed, Trust

BEGAN = datetime(2022, 1, 10, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class House:
    """kWh/K, K/kW, kW; temperatures in degC. The thermometer rounds to 0.1 K and speaks every five minutes."""

    air_kwh_k: float = 2.0
    mass_kwh_k: float = 9.0
    emitter_kwh_k: float = 0.08
    inner_k_kw: float = 0.9
    outer_k_kw: float = 8.0
    leak_k_kw: float = 18.0
    emitter_k_kw: float = 3.0
    power_kw: float = 7.0
    air_c: float = 20.0
    mass_c: float = 17.5
    emitter_c: float = 21.5
    sensor_c: float = 20.0

    def live(self, duty: float, outdoor_c: float, seconds: float) -> None:
        hours = seconds / 3600.0
        inward = (self.mass_c - self.air_c) / self.inner_k_kw
        leak = (outdoor_c - self.air_c) / self.leak_k_kw
        given = (self.emitter_c - self.air_c) / self.emitter_k_kw
        outward = (outdoor_c - self.mass_c) / self.outer_k_kw
        self.air_c += (inward + leak + given + 0.2) / self.air_kwh_k * hours
        self.mass_c += (outward - inward) / self.mass_kwh_k * hours
        self.emitter_c += (duty * self.power_kw - given) / self.emitter_kwh_k * hours
        self.sensor_c += (self.air_c - self.sensor_c) * -math.expm1(-seconds / 360.0)


def light() -> House:
    return House(
        air_kwh_k=1.2, mass_kwh_k=4.0, emitter_kwh_k=0.06, inner_k_kw=1.0, outer_k_kw=6.0, leak_k_kw=12.0, power_kw=8.0
    )


def heavy() -> House:
    return House(
        mass_kwh_k=18.0,
        emitter_kwh_k=2.5,
        inner_k_kw=0.6,
        outer_k_kw=10.0,
        leak_k_kw=22.0,
        emitter_k_kw=1.2,
        power_kw=6.0,
    )


def outside(now: datetime) -> float:
    """A winter's day: -1 degC before dawn, 7 degC in the afternoon."""
    return 3.0 - 4.0 * math.cos((now.hour + now.minute / 60.0 - 3.0) / 24.0 * 2 * math.pi)


def good(value: float) -> Measured:
    return Measured(value=value, age_s=0.0, seen_s=0.0, trust=Trust.GOOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    now: Moment
    air_c: float
    duty: float


def lived(
    house: House, control: Callable[[Observed], float], days: float, tick_s: float = 60.0, begins_s: float = 0.0
) -> list[Minute]:
    """Every tick of some days in January, `begins_s` after their first midnight (UTC)."""
    told, minutes = round(house.sensor_c, 1), []
    for tick in range(round(days * 86400 / tick_s)):
        at_s = begins_s + tick * tick_s
        now = Moment(mono_s=at_s, wall=BEGAN + timedelta(seconds=at_s))
        if at_s % 300.0 < tick_s:
            told = round(house.sensor_c, 1)
        outdoor_c = outside(BEGAN + timedelta(seconds=at_s))
        duty = control(Observed(now=now, temp=good(told), outdoor=good(round(outdoor_c, 1))))
        minutes.append(Minute(now=now, air_c=house.air_c, duty=duty))
        house.live(duty, outdoor_c, tick_s)
    return minutes
