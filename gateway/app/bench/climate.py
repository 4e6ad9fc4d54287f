"""Our control in the public houses, two winters and three seeds, beside the best classic and the optimum of each."""

import os
import statistics
from collections.abc import Callable, Iterator, Sequence

from gateway.app.bench.climate_cells import Cell, dutch_weather, houses, lived
from gateway.app.bench.climate_place import Place
from gateway.app.bench.rows import Row

NAME = "climate"
ABOUT = "comfort, energy and cost against classics tuned with hindsight and the optimum, in simulated houses; hours"

COMFORT_KH = 0.5
_FIRST_WEEK_KH = 2.0
_DAYS, _WARM_UP_DAYS = 10, 10
_STARTS = {"cold": "2021-12-27", "mild": "2022-03-07"}
_ASKED = (("auto", "flat"), ("auto", "tou"), ("tune", "flat"), ("tune", "tou"), ("perfect", "flat"), ("perfect", "tou"))


def run(progress: Callable[[str], None]) -> list[Row]:
    """HEARTHGATE_CLIMATE_HOUSES=a,b and HEARTHGATE_CLIMATE_SEEDS=1 make it shorter."""
    return list(rows(places(progress)))


def places(progress: Callable[[str], None]) -> list[Place]:
    seeds = [int(seed) for seed in os.environ.get("HEARTHGATE_CLIMATE_SEEDS", "1,2,3").split(",")]
    wanted = [(house, climate, seed) for house in houses() for climate in _STARTS for seed in seeds]
    cells = [_cell(who, str(house), climate, seed, tariff) for house, climate, seed in wanted for who, tariff in _ASKED]
    results = iter(lived(cells, progress))
    return [
        Place(house=house.stem, climate=climate, seed=seed, found={asked: next(results) for asked in _ASKED})
        for house, climate, seed in wanted
    ]


def _cell(who: str, house: str, climate: str, seed: int, tariff: str) -> Cell:
    weather = dutch_weather()
    job = {"house": house, "seed": seed, "days": _DAYS, "warm_up_days": _WARM_UP_DAYS, "tariff": tariff}
    if weather is None:
        return who, {**job, "weather": f"synthetic:{climate}:{seed}"}
    return who, {**job, "weather": str(weather), "start": _STARTS[climate]}


def rows(them: Sequence[Place]) -> Iterator[Row]:
    """The goals, then each house."""
    reachable = [place for place in them if place.limit_kh <= COMFORT_KH]
    yield _least("runs", len(them), "", None)
    yield _most("runs less comfortable than a perfect relay is", _uncomfortable(reachable), "", 0)
    yield _most("runs in which a perfect relay is comfortable", len(reachable), "", None)
    equal = [place for place in them if place.classic["reached"]]
    yield _least("runs in which a classic is comfortable, to compare with", len(equal), "", None)
    yield _most("energy / best classic, median", _median([place.energy for place in equal]), "ratio", 0.985)
    yield _most("energy / best classic, worst", max((place.energy for place in equal), default=1.0), "ratio", 1.01)
    yield _least("share of the optimum's saving, median", 100 * _median([place.gap for place in equal]), "%", 50)
    for climate, goal in (("mild", 0.92), ("cold", 0.96)):
        costs = [place.cost for place in equal if place.climate == climate]
        yield _most(f"time-of-use cost / best classic, {climate}, median", _median(costs), "ratio", goal)
    always = [place.ours["kwh_net_week"] / place.found["tune", "flat"]["always"]["kwh_net_week"] for place in them]
    yield _most("energy / always warm, median", _median(always), "ratio", 0.9)
    yield from _wear(them)
    yield from _first_week(them)
    yield from _safety_and_time(them)
    for place in them:
        yield from _told(place)


def _uncomfortable(them: Sequence[Place]) -> int:
    return sum(place.ours["kh_below"] > COMFORT_KH for place in them)


def _first_week(them: Sequence[Place]) -> Iterator[Row]:
    """Houses that are handed over too cold for their heater are told by what they lack beyond that."""
    fair = [place.first_week for place in them if place.first_week_limit <= _FIRST_WEEK_KH]
    yield _most("first week out of the box, worst", max(fair, default=0.0), "K.h/week", _FIRST_WEEK_KH)
    late = [place.first_week - place.first_week_limit for place in them if place.first_week_limit > _FIRST_WEEK_KH]
    yield _most("runs in which full power reaches that", len(fair), "", None)
    yield _most("first week elsewhere, beyond what full power misses, worst", max(late, default=0.0), "K.h/week", None)


def _wear(them: Sequence[Place]) -> Iterator[Row]:
    runs = [place.found["auto", tariff] for place in them for tariff in ("flat", "tou")]
    yield _most("starts in an hour, worst", max(run["starts_hour_max"] for run in runs), "", 6)
    calm = [place for place in them if place.classic["starts_day"] <= 24]
    often = sum(place.ours["starts_day"] > 24 for place in calm)
    yield _most("runs over 24 starts a day where the classic has fewer", often, "", 0)
    yield _most("starts a day, median", _median([run["starts_day"] for run in runs]), "", None)


def _safety_and_time(them: Sequence[Place]) -> Iterator[Row]:
    runs = [place.found["auto", tariff] for place in them for tariff in ("flat", "tou")]
    yield _most("frost minutes", sum(run["frost_minutes_ours"] for run in runs), "min", 0)
    yield _most("minutes over 28 C", sum(run["over_limit_minutes_ours"] for run in runs), "min", 0)
    yield _most("one tick, median", _median([run["tick_ms"]["0.5"] for run in runs]), "ms CPU", 5)
    slow = max(run["tick_ms"]["0.99"] for run in runs)
    yield _most("one tick of a hundred, with a plan, worst run", slow, "ms CPU", 150)
    yield _most("longest tick, with a refit, worst run", max(run["longest_tick_ms"] for run in runs), "ms CPU", None)


def _told(place: Place) -> Iterator[Row]:
    name = f"{place.climate} {place.house} {place.seed}"
    yield _most(f"{name}: energy / best classic", place.energy, "ratio", None)
    yield _most(f"{name}: cost / best classic", place.cost, "ratio", None)
    yield _most(f"{name}: below the band", place.ours["kh_below"], "K.h/week", None)
    yield _most(f"{name}: ... the classic", place.classic["kh_below"], "K.h/week", None)
    yield _most(f"{name}: ... a perfect relay", place.limit_kh, "K.h/week", None)
    yield _most(f"{name}: first week", place.first_week, "K.h/week", None)
    yield _most(f"{name}: ... full power, never spared", place.first_week_limit, "K.h/week", None)


def _median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


def _most(name: str, value: float, unit: str, goal: float | None) -> Row:
    told = (None, None) if goal is None else (f"<= {goal:g}", value <= goal)
    return Row(name=name, value=value, unit=unit, goal=told[0], holds=told[1])


def _least(name: str, value: float, unit: str, goal: float | None) -> Row:
    told = (None, None) if goal is None else (f">= {goal:g}", value >= goal)
    return Row(name=name, value=value, unit=unit, goal=told[0], holds=told[1])
