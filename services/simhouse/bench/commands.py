"""`python -m services.simhouse bench|tune|perfect`: the judge as a process of its own."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

from gateway.errors import EX_CONFIG, ConfigError, GatewayError, Invalid
from services.simhouse.bench.job import TARIFFS, Job
from services.simhouse.bench.session import judged

VERBS = ("bench", "tune", "perfect")


def main(argv: Sequence[str]) -> int:
    """0 when told; 78 with the problems of a file, 1 with another error on standard error."""
    arguments = _arguments(argv)
    try:
        if arguments.verb == "bench":
            return _bench(arguments)
        return _rival(arguments)
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


def _rival(arguments: argparse.Namespace) -> int:
    raise Invalid("verb_unknown", verb=arguments.verb)


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
    parser.add_argument("--trace", metavar="OUT.csv")
    return parser.parse_args(argv)
