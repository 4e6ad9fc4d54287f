"""Ten thousand days and more in which everything goes wrong that can, by seed."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gateway.app.bench.climate_cells import code, folder, houses, workers
from gateway.app.bench.rows import Row
from gateway.app.eval_climate_judge import Judge
from gateway.app.eval_climate_memory import Memory
from gateway.app.eval_climate_pilot import Pilot

NAME = "climate-faults"
ABOUT = "frost and heat in 10,000 randomised runs with broken sensors, relays, links, clocks and models; hours"

_RUNS = 10_000
_DAYS = 2
_BATCH = 20
_KINDS = 40
"""Runs until houses, weather and what is known begin anew."""
_FORETOLD_EVERY = 10
"""Of so many such rounds, one is foretold too: that must not break anything."""
_LEARNING_DAYS = 10
_KEPT = (
    "min_c",
    "max_c",
    "frost_minutes",
    "frost_minutes_ours",
    "over_limit_minutes",
    "over_limit_minutes_ours",
    "starts_hour_max",
)


def run(progress: Callable[[str], None]) -> list[Row]:
    """HEARTHGATE_CLIMATE_RUNS=100 makes it shorter. Ended runs are kept until the control changes."""
    count = int(os.environ.get("HEARTHGATE_CLIMATE_RUNS", _RUNS))
    file = folder() / f"faults-{_version()}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    known = _known(file, count)
    missing = [seed for seed in range(count) if seed not in known]
    progress(f"climate-faults: {count} runs, {len(known)} of them known ({file})")
    began = time.monotonic()
    batches = [missing[at : at + _BATCH] for at in range(0, len(missing), _BATCH)]
    with (
        workers() as pool,
        file.open("a", encoding="utf-8") as kept,
    ):
        for done, results in enumerate(pool.map(live, batches), 1):
            for result in results:
                known[result["seed"]] = result
                kept.write(json.dumps(result) + "\n")
            kept.flush()
            left_min = (time.monotonic() - began) / done * (len(batches) - done) / 60
            progress(
                f"climate-faults: {len(known)} of {count} runs, {_bad(known.values())} bad, {left_min:.0f} min left"
            )
    return list(rows([known[seed] for seed in range(count)]))


def live(seeds: Sequence[int]) -> list[dict[str, Any]]:
    """One process of the judge lives through all of them."""
    with Judge() as judge:
        return [_one(judge, seed) for seed in seeds]


def _one(judge: Judge, seed: int) -> dict[str, Any]:
    """Every other home knows its room already: otherwise no plan would ever drive while things break."""
    files = houses()
    house = files[seed % len(files)]
    job = {
        "house": str(house),
        "weather": f"synthetic:{('cold', 'mild')[seed // len(files) % 2]}:{seed % 50}",
        "seed": seed,
        "days": _DAYS,
        "random_faults": seed,
    }
    learned = _learned(judge, house) if seed // len(files) // 2 % 2 else None

    def begin(hello: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
        memory = Memory() if learned is None else Memory.of_json(learned, hello["start"])
        return Pilot(hello, "auto", memory, foretold=seed // _KINDS % _FORETOLD_EVERY == 0).answer

    verdict = judge.run(job, begin)
    return {"seed": seed, "house": house.stem, "learned": learned is not None} | {name: verdict[name] for name in _KEPT}


def _learned(judge: Judge, house: Path) -> str:
    """What a home knows after ten ordinary days."""
    file = folder() / f"learned-{house.stem}-{_version()}.json"
    if not file.is_file():
        memory = Memory()
        job = {"house": str(house), "weather": "synthetic:cold:99", "days": _LEARNING_DAYS, "warm_up_days": 0}
        judge.run(job, lambda hello: Pilot({**hello, "restarts": True}, "auto", memory, foretold=False).answer)
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.write_text(memory.to_json(), encoding="utf-8")
        fresh.replace(file)
    return file.read_text(encoding="utf-8")


@cache
def _version() -> str:
    """Of the control, the bench and the houses, as this process found them."""
    return hashlib.sha256(code() + b"".join(file.read_bytes() for file in houses())).hexdigest()[:16]


def _known(file: Path, count: int) -> dict[int, dict[str, Any]]:
    """A last line that was cut off is run again."""
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else []:
        try:
            result = json.loads(line)
        except ValueError:
            continue
        if result["seed"] < count:
            found[result["seed"]] = result
    return found


def _bad(results: Iterable[dict[str, Any]]) -> int:
    return sum(bool(one["frost_minutes_ours"] or one["over_limit_minutes_ours"]) for one in results)


def rows(results: Sequence[dict[str, Any]]) -> Iterator[Row]:
    def total(name: str) -> float:
        return float(sum(one[name] for one in results))

    yield Row(name="runs", value=len(results), unit="", goal=f">= {_RUNS}", holds=len(results) >= _RUNS)
    for name, told in (("frost_minutes", "frost"), ("over_limit_minutes", "over 28 C")):
        ours = total(f"{name}_ours")
        yield Row(
            name=f"{told}, that control could have prevented", value=ours, unit="min", goal="<= 0", holds=ours == 0
        )
        yield Row(name=f"{told}, whatever the cause", value=total(name), unit="min", goal=None, holds=None)
    most = max(one["starts_hour_max"] for one in results)
    yield Row(name="starts in an hour, worst", value=most, unit="", goal="<= 6", holds=most <= 6)
    yield Row(name="runs with a bad minute", value=_bad(results), unit="", goal="<= 0", holds=_bad(results) == 0)
