"""Which house, which weather, how long: what a run is, from the files and numbers that name it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.errors import ConfigError, Invalid, Problem
from services.simhouse.bench.calendar import FLAT, MINUTES_A_DAY, TIME_OF_USE, midnight
from services.simhouse.bench.course import Course, build
from services.simhouse.bench.house import House
from services.simhouse.bench.house_file import load_house
from services.simhouse.bench.made_up import synthetic
from services.simhouse.bench.random_script import random_script
from services.simhouse.bench.script import NO_FAULTS, Script
from services.simhouse.bench.script_file import load_script
from services.simhouse.bench.weather import Weather
from services.simhouse.bench.weather_file import load_weather

_BOUNDS = {"seed": (0, 2**31), "days": (1, 400), "warm_up_days": (0, 400)}

TARIFFS = {"flat": FLAT, "tou": TIME_OF_USE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`weather` is a file, or "synthetic:cold:3" (climate and seed). The run begins at the local midnight of `start`,
    or the weather's first one; `warm_up_days` are lived through before `days` are judged, as long as there is weather.
    `random_faults` makes up a fault script by that seed; with `forecast` the weather to come is told, with errors."""

    house: str
    weather: str
    seed: int = 1
    days: int = 10
    warm_up_days: int = 10
    start: str | None = None
    tariff: str | None = None
    faults: str | None = None
    random_faults: int | None = None
    trace: str | None = None
    forecast: bool = False

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Job":
        """Raises `Invalid` ("job_invalid")."""
        try:
            job = cls(**told)
        except TypeError as error:
            raise Invalid("job_invalid", cause=str(error)) from None
        for name, (low, high) in _BOUNDS.items():
            value = getattr(job, name)
            if not isinstance(value, int) or not low <= value <= high:
                raise Invalid("job_invalid", cause=f"{name} must be a whole number of {low} to {high}")
        return job

    def inputs(self) -> dict[str, Any]:
        """All that figures depend on."""
        return {**asdict(self), "trace": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    job: Job
    course: Course
    window: slice
    """The minutes that are judged."""


def prepare(job: Job, *, faulty: bool = True, behind_days: int = 0) -> Run:
    """Where not `faulty`, the faults are left out. `behind_days` are added behind the judged ones, as long as there is
    weather. Raises `ConfigError` for files that are not good and for weather that does not last."""
    house, weather = load_house(Path(job.house)), open_weather(job.weather)
    script = _script(job, house)
    begin_s = _begin(job, house, weather) + script.start_day * 86400
    have = int((weather.end_s - begin_s) // 86400)
    days = min(script.days or job.days, have)
    if days < 1:
        message = "does not last for a day from the start on"
        raise ConfigError([Problem(file=Path(job.weather).name, line=1, path="time", message=message)])
    warm_up = 0 if script.days else min(job.warm_up_days, have - days)
    if faulty:
        _all_in_time(job, script, warm_up + days)
    course = build(
        house,
        weather,
        start_s=begin_s,
        minutes=min(warm_up + days + behind_days, have) * MINUTES_A_DAY,
        seed=job.seed,
        script=script if faulty else replace(script, faults=()),
        prices=TARIFFS.get(job.tariff or "", ()),
    )
    return Run(job=job, course=course, window=slice(warm_up * MINUTES_A_DAY, (warm_up + days) * MINUTES_A_DAY))


def open_weather(name: str) -> Weather:
    """Raises `ConfigError`, and `Invalid` ("climate_unknown")."""
    if not name.startswith("synthetic:"):
        return load_weather(Path(name))
    climate, _, seed = name.removeprefix("synthetic:").partition(":")
    if climate not in ("cold", "mild") or not (seed or "1").isdecimal():
        raise Invalid("climate_unknown", weather=name, known="synthetic:cold:1, synthetic:mild:1")
    return synthetic(climate, int(seed or 1))


def _script(job: Job, house: House) -> Script:
    if job.faults is not None:
        return load_script(Path(job.faults), house.hardware)
    if job.random_faults is not None:
        return random_script(job.random_faults, house.hardware, job.days)
    return NO_FAULTS


def _all_in_time(job: Job, script: Script, days: int) -> None:
    if job.faults is None:
        return
    told = {
        "file": Path(job.faults).name,
        "path": "faults.at",
        "message": f"begins after the {days} days of this run",
        "hint": "days: in the script, or --days and a longer weather",
    }
    late = [fault for fault in script.faults if fault.begin >= days * MINUTES_A_DAY]
    if late:
        raise ConfigError([Problem(line=fault.line, **told) for fault in late])


def _begin(job: Job, house: House, weather: Weather) -> float:
    first = midnight(datetime.fromtimestamp(weather.begin_s, UTC), house.zone)
    if job.start is None:
        return first
    try:
        day = datetime.fromisoformat(job.start)
    except ValueError:
        raise Invalid("start_invalid", start=job.start) from None
    return max(first, midnight(day.replace(tzinfo=house.zone), house.zone))
