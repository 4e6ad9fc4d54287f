"""All that will happen to a house, minute by minute, whoever heats: made once, lived through by all."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from services.simhouse.bench.calendar import FLAT, MINUTES_A_DAY, Change, local_minutes, over_the_week
from services.simhouse.bench.house import House, People
from services.simhouse.bench.people import airing_kw_k, internal_gain_kw
from services.simhouse.bench.script import NO_FAULTS, Script
from services.simhouse.bench.thermal import GAIN, HEAT, OUTDOOR, SUN, discretise
from services.simhouse.bench.weather import HOUR_S, Weather

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Arrays of a minute each (n,). A step is x' = state[kind] @ x + push + heat[kind] * u with u = 0..1 of full power;
    `push` (n, 4) is what weather and people do. `comfort` is where the schedule is above its mean, `aired` where a
    window is open."""

    house: House
    script: Script
    seed: int
    start_s: float
    week_minute: Ints
    setpoint: Floats
    comfort: Flags
    price: Floats
    outdoor: Floats
    aired: Flags
    kind: Ints
    state: Floats
    heat: Floats
    push: Floats

    def __len__(self) -> int:
        return len(self.setpoint)


def build(
    house: House,
    weather: Weather,
    *,
    start_s: float,
    minutes: int,
    seed: int,
    script: Script = NO_FAULTS,
    prices: tuple[Change, ...] = (),
) -> Course:
    """`start_s` is a local midnight in POSIX time. `prices` go before the house's own, and those before a flat one."""
    at_s = np.asarray(start_s + np.arange(minutes) * MINUTE_S, np.float64)
    week_minute = local_minutes(start_s, minutes, house.zone)
    setpoint = over_the_week(house.schedule)[week_minute]
    comfort = setpoint > np.mean(over_the_week(house.schedule)) - 1e-9
    times = _Times(at_s=at_s, week_minute=week_minute, home=comfort, seed=seed)
    airing = _airing(house, weather, times, script)
    distinct, kind = np.unique(np.round(_draughts(house, weather, times) + airing, 7), return_inverse=True)
    steps = discretise(house, distinct, MINUTE_S / HOUR_S)
    outdoor = weather.outdoor(at_s + MINUTE_S / 2)
    sun = weather.held(weather.ghi_w_m2, at_s) / 1000
    gain = _gain(house, weather, times)
    inputs = steps.inputs[kind]
    push = (
        inputs[:, :, OUTDOOR] * outdoor[:, None] + inputs[:, :, SUN] * sun[:, None] + inputs[:, :, GAIN] * gain[:, None]
    )
    return Course(
        house=house,
        script=script,
        seed=seed,
        start_s=start_s,
        week_minute=week_minute,
        setpoint=setpoint,
        comfort=comfort,
        price=over_the_week(prices or house.prices or FLAT)[week_minute],
        outdoor=outdoor,
        aired=airing > 0,
        kind=kind,
        state=steps.state,
        heat=steps.inputs[:, :, HEAT] * house.heater.power_kw,
        push=push,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    """Of each minute (n,): POSIX time, minute of the local week, and whether people are at home."""

    at_s: Floats
    week_minute: Ints
    home: Flags
    seed: int

    @property
    def day_minute(self) -> Ints:
        return np.asarray(self.week_minute % MINUTES_A_DAY)


def _draughts(house: House, weather: Weather, times: _Times) -> Floats:
    """kW/K between air and outside while windows are shut, each minute."""
    wind = weather.held(weather.wind_m_s, times.at_s)
    return (1 + house.building.wind_share * wind) / house.building.air_outdoor_k_kw


def _airing(house: House, weather: Weather, times: _Times, script: Script) -> Floats:
    """What open windows add to that."""
    added = np.zeros(len(times.at_s))
    if script.airing is not False:
        if weather.airing_w_per_k is not None:
            added = weather.held(weather.airing_w_per_k, times.at_s) / 1000
        else:
            added = airing_kw_k(_airing_people(house, script), times.day_minute, times.seed)
    for fault in script.faults:
        if fault.kind == "window_open":
            added[fault.begin : fault.end] += (fault.value or 0.0) / 1000
    return added


def _airing_people(house: House, script: Script) -> People:
    """People who air twice a day with the window wide open, where the script wants airing and the house has none."""
    if not script.airing or house.people.airings_day > 0:
        return house.people
    return replace(house.people, airings_day=2.0, airing_w_k=15_000 / house.building.air_outdoor_k_kw)


def _gain(house: House, weather: Weather, times: _Times) -> Floats:
    if weather.internal_gain_kw is not None:
        return weather.held(weather.internal_gain_kw, times.at_s)
    return internal_gain_kw(house.people, times.home, times.day_minute, times.seed)
