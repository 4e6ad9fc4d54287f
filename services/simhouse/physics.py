"""The warmth of one room: air and envelope, a heater, the cold outside.

The inner two states of the Ti-Te-Th structure of Bacher & Madsen (2011, 10.1016/j.enbuild.2011.02.005); the
parameters are engineering choices for a 20 m2 room, not published ones:
    air_kwh_k dTair/dt = (Tenv - Tair) / r_inner + (Tout - Tair) / r_leak + heater
    envelope_kwh_k dTenv/dt = (Tair - Tenv) / r_inner + (Tout - Tenv) / r_outer
in kW, kWh/K, K/kW and hours.
"""

import math
from dataclasses import dataclass

_SUBSTEP_S = 10.0  # far below the fastest time constant (about 40 min), so that explicit steps stay exact enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Fabric:
    """What the room is built of: kWh/K, K/kW, kW."""

    air_kwh_k: float = 0.12
    envelope_kwh_k: float = 1.2
    r_inner_k_kw: float = 6.0
    r_outer_k_kw: float = 40.0
    r_leak_k_kw: float = 60.0
    heater_kw: float = 1.5
    sensor_s: float = 120.0

    @property
    def loss_kw_k(self) -> float:
        """Heat lost per kelvin to the outside once everything has settled: 38.4 W/K for the default room."""
        return 1.0 / self.r_leak_k_kw + 1.0 / (self.r_inner_k_kw + self.r_outer_k_kw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warmth:
    """degC; `sensor_c` lags behind the air. `heated_kwh` and `lost_kwh` are sums since the beginning."""

    air_c: float = 19.0
    envelope_c: float = 18.0
    sensor_c: float = 19.0
    outdoor_c: float = 5.0
    heated_kwh: float = 0.0
    lost_kwh: float = 0.0

    def stored_kwh(self, fabric: Fabric) -> float:
        """Heat stored above 0 degC."""
        return fabric.air_kwh_k * self.air_c + fabric.envelope_kwh_k * self.envelope_c


def warm(warmth: Warmth, dt_s: float, *, heating: bool, fabric: Fabric) -> Warmth:
    """The room `dt_s` later. What is heated is stored or lost, to the last joule."""
    count = max(1, math.ceil(dt_s / _SUBSTEP_S))
    for _ in range(count):
        warmth = _substep(warmth, dt_s / count, heating, fabric)
    return warmth


def _substep(w: Warmth, dt_s: float, heating: bool, f: Fabric) -> Warmth:
    hours = dt_s / 3600.0
    inward = (w.envelope_c - w.air_c) / f.r_inner_k_kw * hours
    leak = (w.air_c - w.outdoor_c) / f.r_leak_k_kw * hours
    outward = (w.envelope_c - w.outdoor_c) / f.r_outer_k_kw * hours
    heat = f.heater_kw * hours if heating else 0.0
    return Warmth(
        air_c=w.air_c + (inward - leak + heat) / f.air_kwh_k,
        envelope_c=w.envelope_c + (-inward - outward) / f.envelope_kwh_k,
        sensor_c=w.sensor_c + (w.air_c - w.sensor_c) * -math.expm1(-dt_s / f.sensor_s),
        outdoor_c=w.outdoor_c,
        heated_kwh=w.heated_kwh + heat,
        lost_kwh=w.lost_kwh + leak + outward,
    )
