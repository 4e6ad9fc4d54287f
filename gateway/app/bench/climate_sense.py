"""Windows without a contact and heaters without a meter: what the room's temperature betrays, in simulated houses."""

import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gateway.app.bench.climate_cells import Cell, dutch_weather, houses, lived
from gateway.app.bench.climate_sense_home import WEIGHTS, Home, Month
from gateway.app.bench.climate_sense_script import DEAD_AT, SOON_MIN, WIDTHS, Place, death, month
from gateway.app.bench.rows import Row

NAME = "climate-sense"
ABOUT = "open windows and dead heaters found out by the room's temperature alone, in simulated houses; an hour"

_CLIMATES = {"cold": "2021-12-27", "mild": "2022-03-07"}


def run(progress: Callable[[str], None]) -> list[Row]:
    """HEARTHGATE_CLIMATE_HOUSES=a,b and HEARTHGATE_CLIMATE_SEEDS=1 make it shorter."""
    return list(rows(homes(progress)))


def homes(progress: Callable[[str], None]) -> list[Home]:
    seeds = [int(seed) for seed in os.environ.get("HEARTHGATE_CLIMATE_SEEDS", "1,2").split(",")]
    wanted = [(Place(house=house, seed=seed), climate) for house in houses() for climate in _CLIMATES for seed in seeds]
    cells = [cell for place, climate in wanted for cell in _cells(place, climate)]
    results = iter(lived(cells, progress))
    return [
        Home(
            place=place,
            climate=climate,
            months={width: Month(verdict=next(results)) for width in WIDTHS},
            dead=[next(results) for _ in DEAD_AT],
        )
        for place, climate in wanted
    ]


def _cells(place: Place, climate: str) -> Iterator[Cell]:
    weather = dutch_weather()
    job: dict[str, Any] = {"house": str(place.house), "seed": place.seed}
    if weather is None:
        job |= {"weather": f"synthetic:{climate}:{place.seed}"}
    else:
        job |= {"weather": str(weather), "start": _CLIMATES[climate]}
    for width in WIDTHS:
        yield "auto", {**job, "faults": str(month(place, width))}
    for at in DEAD_AT:
        yield "auto", {**job, "faults": str(death(at))}


def rows(them: Sequence[Home]) -> Iterator[Row]:
    """The goals by the weight of the houses, then each home."""
    yield _row("homes", len(them), "")
    for weight in WEIGHTS:
        some = [home for home in them if home.weight == weight]
        if some:
            yield from _goals(weight, some)
    for home in them:
        for width in WIDTHS[1:]:
            yield _row(f"{home.name}: windows found, {width}", _share(home.months[width].found), "share")
        yield _row(f"{home.name}: false windows", home.false_week, "a week")
        yield _row(f"{home.name}: dead heater, the later one", max(home.minutes), "min")
        yield _row(f"{home.name}: false heater alarms", home.false_month, "a month")


def _goals(weight: str, them: Sequence[Home]) -> Iterator[Row]:
    """Of heavy houses only that nothing false is said."""
    asked = weight != "heavy"
    for width in WIDTHS[1:]:
        found = _share([one for home in them for one in home.months[width].found])
        least = 0.95 if asked and width == "wide" else None
        yield _row(f"{weight}: windows found, {width}", found, "share", least=least)
    yield _row(f"{weight}: false windows", statistics.mean(home.false_week for home in them), "a week", most=0.5)
    minutes = [minutes for home in them for minutes in home.minutes]
    late = statistics.median(minutes)
    yield _row(f"{weight}: dead heater, median", late, "min", most=SOON_MIN if asked else None)
    yield _row(f"{weight}: dead heaters within the hour", _share([one <= SOON_MIN for one in minutes]), "share")
    yield _row(f"{weight}: false heater alarms", statistics.mean(home.false_month for home in them), "a month")
    worst = max(home.false_month for home in them)
    yield _row(f"{weight}: false heater alarms, worst home", worst, "a month", most=1.0)


def _share(them: Sequence[bool]) -> float:
    return sum(them) / len(them) if them else float("nan")


def _row(name: str, value: float, unit: str, *, most: float | None = None, least: float | None = None) -> Row:
    if most is not None:
        return Row(name=name, value=value, unit=unit, goal=f"<= {most:g}", holds=value <= most)
    if least is not None:
        return Row(name=name, value=value, unit=unit, goal=f">= {least:g}", holds=value >= least)
    return Row(name=name, value=value, unit=unit, goal=None, holds=None)
