"""`python -m services.simhouse bench|tune|perfect`: the judge as a process of its own."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from gateway.errors import EX_CONFIG, ConfigError, GatewayError, Invalid
from services.simhouse.bench.follow import perfect
from services.simhouse.bench.job import TARIFFS, Job, prepare
from services.simhouse.bench.kept import kept
from services.simhouse.bench.session import judged
from services.simhouse.bench.tune import tuned

VERBS = ("bench", "tune", "perfect")
"""`bench` judges the controller on the other end of the pipe, the others print what rivals reach."""


def main(argv: Sequence[str]) -> int:
    """0 when told; 78 with the problems of a file, 1 with another error on standard error."""
    arguments = _arguments(argv)
    try:
        if arguments.verb == "bench":
            return _bench(arguments)
        return _rivals(arguments)
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201  # a program for the command line
        return EX_CONFIG
    except GatewayError as error:
        print(f"simhouse: {error}", file=sys.stderr)  # noqa: T201  # the same
        return 1
    except BrokenPipeError:
        return 1


def _bench(arguments: argparse.Namespace) -> int:
    for job in _jobs(arguments, sys.stdin):
        sys.stdout.write(json.dumps({"verdict": judged(job, sys.stdin, sys.stdout)}) + "\n")
        sys.stdout.flush()
    return 0


def _rivals(arguments: argparse.Namespace) -> int:
    for job in _jobs(arguments, sys.stdin):
        found = kept(arguments.cache, arguments.verb, job, partial(_RIVALS[arguments.verb], job))
        sys.stdout.write(json.dumps({arguments.verb: found}) + "\n")
        sys.stdout.flush()
    return 0


def _tune(job: Job) -> dict[str, Any]:
    run = prepare(job, faulty=False)
    return tuned(run.course, run.window)


def _perfect(job: Job) -> dict[str, Any]:
    run = prepare(job, faulty=False, behind_days=1)  # so that nothing is won by leaving a cold house behind
    return perfect(run.course, run.window)


_RIVALS = {"tune": _tune, "perfect": _perfect}


def _jobs(arguments: argparse.Namespace, lines: TextIO) -> Iterator[Job]:
    """The one that was asked for, or one from each {"job": {...}} line until they end."""
    if arguments.house is not None:
        yield _job(arguments)
        return
    for line in iter(lines.readline, ""):
        try:
            job = json.loads(line)["job"]
        except (ValueError, KeyError, TypeError):
            raise Invalid("job_invalid", line=line[:100]) from None
        yield Job.of(job)


def _job(arguments: argparse.Namespace) -> Job:
    if arguments.weather is None:
        raise Invalid("weather_missing", hint="--weather FILE or --weather synthetic:cold:1")
    names = Job.__dataclass_fields__
    return Job.of({name: value for name, value in vars(arguments).items() if name in names and value is not None})


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simhouse", description="A simulated house that judges who heats it.")
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("--house", metavar="FILE", help="without one, jobs are read from standard input")
    parser.add_argument("--weather", metavar="FILE", help="or synthetic:cold:SEED, synthetic:mild:SEED")
    parser.add_argument("--faults", metavar="FILE")
    parser.add_argument("--random-faults", type=int, metavar="SEED")
    parser.add_argument("--seed", type=int, help="of noise and people")
    parser.add_argument("--days", type=int, help="that are judged")
    parser.add_argument("--warm-up-days", type=int, help="that are lived through before")
    parser.add_argument("--start", metavar="YYYY-MM-DD")
    parser.add_argument("--tariff", choices=tuple(TARIFFS))
    parser.add_argument("--forecast", action="store_true", help="tell the weather to come, with errors")
    parser.add_argument("--trace", metavar="OUT.csv", help="what happened, a line a minute")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where tune and perfect keep what they found")
    return parser.parse_args(argv)
