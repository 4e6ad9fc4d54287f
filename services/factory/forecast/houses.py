"""Houses of three stores of heat, drawn at random and lived in, many at a time: what a thermometer would have shown.

Air, envelope and emitter as in P. Bacher and H. Madsen, "Identifying suitable models for the heat dynamics of
buildings" (Energy and Buildings 43, 2011), with a neighbouring room that stays warm. One minute a step.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.factory.forecast.control import Control
from services.factory.forecast.people import DAY, People, people
from services.factory.forecast.sensors import Sensors
from services.factory.forecast.weather import Weather, weather

Floats = npt.NDArray[np.float64]
Table = npt.NDArray[np.float32]

REPORT_MIN = 10
_HOUR = 1 / 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Walls:
    """(houses,) each: capacities kWh/K, resistances K/kW, aperture m2, power kW; `size` scales all of a house."""

    size: Floats
    air: Floats
    envelope: Floats
    emitter: Floats
    inside: Floats
    outside: Floats
    leak: Floats
    heat: Floats
    neighbour: Floats
    aperture: Floats
    power: Floats


def between(rng: np.random.Generator, low: float, high: float, count: int) -> Floats:
    """Log-uniform."""
    return np.asarray(np.exp(rng.uniform(np.log(low), np.log(high), count)))


def walls(rng: np.random.Generator, houses: int) -> Walls:
    """From a small room to a whole house, radiators and a quarter of floor heating, hardly to richly powered."""
    size, floor = between(rng, 0.12, 1.3, houses), rng.random(houses) < 0.25
    air = size * between(rng, 0.7, 3, houses)
    inside, outside = between(rng, 0.4, 1.4, houses) / size, between(rng, 4, 14, houses) / size
    leak = between(rng, 9, 30, houses) / size
    return Walls(
        size=size,
        air=air,
        envelope=size * between(rng, 3, 20, houses),
        emitter=air * np.where(floor, rng.uniform(0.5, 1.6, houses), between(rng, 0.02, 0.12, houses)),
        inside=inside,
        outside=outside,
        leak=leak,
        heat=np.where(floor, between(rng, 0.7, 2, houses), between(rng, 1.5, 5, houses)) / size,
        neighbour=between(rng, 2, 20, houses) / size,
        aperture=size * between(rng, 0.4, 5, houses),
        power=(1 / leak + 1 / (inside + outside)) * rng.uniform(22, 60, houses),
    )


def lived(rng: np.random.Generator, houses: int, days: int) -> dict[str, Table]:
    """Readings every `REPORT_MIN` by column of `gateway.climate.forecast.past`, each (houses, days * 144)."""
    around, inmates, built = weather(rng, houses, days), people(rng, houses, days), walls(rng, houses)
    control, sensors = Control(rng, houses, inmates.zone_min), Sensors(rng, houses, days * DAY // REPORT_MIN)
    street = _Street(around, inmates, built, rng.uniform(17, 21, houses))
    for minute in range(days * DAY):
        if minute % DAY == 0:
            street.neighbour = street.usual + rng.normal(0, 0.6, houses)
        duty = control.duty(minute, inmates.target_c[:, minute], street.air, street.emitter)
        sensors.feel(
            street.air,
            street.outdoor(minute),
            inmates.draught[:, minute],
            steam=inmates.steam[:, minute],
            home=inmates.home[:, minute],
        )
        if minute % REPORT_MIN == REPORT_MIN - 1:
            street.report(minute, duty, sensors)
        street.step(minute, duty)
    return sensors.told(rng)


class _Street:
    """All houses: their temperatures, (houses,) each."""

    def __init__(self, around: Weather, inmates: People, built: Walls, usual: Floats) -> None:
        self._around, self._inmates, self._built = around, inmates, built
        start = inmates.target_c[:, 0].astype(np.float64)
        self.air, self.envelope, self.emitter = start, start - 2, start + 1
        self.usual, self.neighbour = usual, usual

    def outdoor(self, minute: int) -> Floats:
        return _between_hours(self._around.outdoor_c, minute)

    def window(self, minute: int) -> Floats:
        return _between_hours(self._around.window_kw, minute)

    def step(self, minute: int, duty: Floats) -> None:
        """A minute, Euler's method: the fastest store takes ten."""
        built, inmates, outdoor = self._built, self._inmates, self.outdoor(minute)
        air, envelope, emitter = self.air, self.envelope, self.emitter
        into_air = (envelope - air) / built.inside + (emitter - air) / built.heat
        into_air += (self.neighbour - air) / built.neighbour
        into_air += (outdoor - air) / built.leak * (1 + inmates.draught[:, minute])
        into_air += 0.6 * built.aperture * self.window(minute) + built.size * inmates.gain[:, minute]
        into_walls = (air - envelope) / built.inside + (outdoor - envelope) / built.outside
        into_walls += 0.4 * built.aperture * self._around.sun_kw[:, minute // 60]
        self.air = air + _HOUR * into_air / built.air
        self.envelope = envelope + _HOUR * into_walls / built.envelope
        self.emitter = emitter + _HOUR * ((air - emitter) / built.heat + duty * built.power) / built.emitter

    def report(self, minute: int, duty: Floats, sensors: Sensors) -> None:
        sensors.report(
            minute // REPORT_MIN,
            duty=duty,
            target_c=self._inmates.target_c[:, minute],
            outdoor_c=self.outdoor(minute),
            head_c=self.emitter - self.air,
            window_kw=self.window(minute),
        )


def _between_hours(hourly: Floats, minute: int) -> Floats:
    hour, share = minute // 60, (minute % 60) / 60
    return np.asarray(hourly[:, hour] * (1 - share) + hourly[:, hour + 1] * share)
