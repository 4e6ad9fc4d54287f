"""`hearthgate eval climate`: our control and its rivals in one simulated house, by the same judge."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.app.eval_climate_judge import Judge
from gateway.app.eval_climate_memory import Memory
from gateway.app.eval_climate_pilot import Pilot
from gateway.app.places import data_home

ALL = ("ours", "classic", "tuned", "always-21", "perfect")
"""Our control as shipped; the same without a model; the best classic of this house, tuned with hindsight; one that
never sets back; and the optimum of somebody who knows the house, the weather and the people to come."""

_JOB = ("house", "weather", "seed", "days", "warm_up_days", "start", "tariff", "faults", "trace", "forecast")
_CONTROL = {"ours": "auto", "classic": "classic"}
_MINUTES = ("frost_minutes", "over_limit_minutes")
_FIGURES = ("kwh_week", "kh_below", "rms_k", "cost_week", "starts_day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`job` is what the judge is asked, as docs/climate-bench.md lists it."""

    job: Mapping[str, Any]
    controllers: tuple[str, ...]


def question(arguments: Mapping[str, Any]) -> Question:
    """From the command line. Where things go wrong on purpose only our own control is asked, unless told otherwise."""
    job = {name: arguments[name] for name in _JOB if arguments.get(name) is not None}
    job |= {name: str(Path(job[name]).absolute()) for name in ("house", "faults", "trace") if name in job}
    if not job["weather"].startswith("synthetic:"):
        job["weather"] = str(Path(job["weather"]).absolute())
    one = arguments.get("controller")
    if one is not None:
        return Question(job=job, controllers=(one,))
    return Question(job=job, controllers=("ours",) if "faults" in job or "trace" in job else ALL)


def default_cache() -> Path:
    """Where what rivals reach is kept: it is slow to find."""
    return data_home() / "climate-bench"


def evaluate(question: Question, cache: Path | None, progress: Callable[[str], None]) -> dict[str, Any]:
    """{"controllers": figures by name, "comfort_limit_kh": the least K.h a week a perfect relay reaches}; the limit
    only beside the perfect one. Raises `Refused` and `ConfigError`."""
    found: dict[str, Any] = {"job": dict(question.job), "controllers": {}}
    for name in question.controllers:
        progress(f"climate: {name}")
        for told, figures in _figures(name, question.job, cache):
            found["controllers"][told] = figures
        if name == "perfect":
            limit = found["controllers"]["perfect"].pop("limit_kh")
            found["comfort_limit_kh"] = limit
    return found


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """A table for people."""
    heads = ("kWh/week", "K.h/week", "RMS K", "cost/week", "starts/day", "frost min", "hot min")
    yield " ".join([f"{'':14}", *(f"{head:>10}" for head in heads)])
    for name, figures in found["controllers"].items():
        told = [f"{figures[column]:10.2f}" for column in _FIGURES]
        yield " ".join([f"{name:14}", *told, *(f"{figures[column]:10}" for column in _MINUTES)])
    if "comfort_limit_kh" in found:
        yield f"a perfect relay reaches {found['comfort_limit_kh']:.2f} K.h/week at best"
    for name, figures in found["controllers"].items():
        for what, kept in figures.get("required", {}).items():
            yield f"{name}: {what} {'kept' if kept['met'] else 'MISSED'} ({kept['value']}, asked {kept['asked']:g})"


def _figures(name: str, job: Mapping[str, Any], cache: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:
    if name in _CONTROL:
        memory = None if job.get("faults") is None else Memory()
        with Judge() as judge:
            yield name, judge.run(job, lambda hello: Pilot(hello, _CONTROL[name], memory).answer)
    elif name == "perfect":
        found = _rival("perfect", job, cache)
        yield "perfect", {**found["optimum"], "limit_kh": found["limit_kh"]}
        yield "perfect relay", found["relay"]
    else:
        found = _rival("tune", job, cache)
        yield name, found["always" if name == "always-21" else "cost"]


def _rival(verb: str, job: Mapping[str, Any], cache: Path | None) -> dict[str, Any]:
    plain = {name: value for name, value in job.items() if name not in {"trace", "faults", "random_faults"}}
    with Judge(verb, cache) as judge:
        return judge.ask(plain, verb)
