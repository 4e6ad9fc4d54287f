"""A house: what it is built of, how it is heated and who lives in it."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from services.simhouse.bench.calendar import SETBACK, Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """Three stores and what joins them, after the Ti-Te-Th structure of Bacher & Madsen 2011
    (10.1016/j.enbuild.2011.02.005): kWh/K, K/kW, m2 of solar aperture on global horizontal radiation. Wind adds
    `wind_share` of the direct loss to the outside per m/s."""

    air_kwh_k: float
    envelope_kwh_k: float
    emitter_kwh_k: float
    air_envelope_k_kw: float
    envelope_outdoor_k_kw: float
    air_outdoor_k_kw: float
    air_emitter_k_kw: float
    aperture_m2: float = 0.0
    solar_air_share: float = 0.6
    wind_share: float = 0.0

    @property
    def loss_kw_k(self) -> float:
        """Heat lost per kelvin to the outside once everything has settled, without wind."""
        return 1 / self.air_outdoor_k_kw + 1 / (self.air_envelope_k_kw + self.envelope_outdoor_k_kw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heater:
    """`dead_min` passes between a command and heat, both ways."""

    power_kw: float
    dead_min: int = 0
    drive: str = "relay"
    emitter: str = "radiator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A first-order lag, gaussian noise, rounding, and a report every `period_min`."""

    lag_min: float = 6.0
    noise_c: float = 0.04
    rounding_c: float = 0.1
    period_min: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Heat that people bring (kW), how they air (`airings_day` times a day for 5 to 20 min, `airing_w_k` each), and how
    often a party of guests comes that nobody told the thermostat of."""

    home_kw: float = 0.35
    away_kw: float = 0.12
    cooking_kw: float = 1.0
    airings_day: float = 0.0
    airing_w_k: float = 0.0
    guests_week: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """`local_frost_c` is the actuator's own guard once its lease has ended; `limiter_c` a bimetal in the heater."""

    second_contactor: bool = False
    power_meter: bool = True
    local_frost_c: float | None = 5.0
    limiter_c: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    name: str
    zone: ZoneInfo
    building: Building
    heater: Heater
    sensor: Sensor = Sensor()
    people: People = People()
    hardware: Hardware = Hardware()
    schedule: tuple[Change, ...] = SETBACK
    prices: tuple[Change, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    """What differs from the product's own limits, under their names."""
