"""The judge of climate control: `services.simhouse` as a process, spoken to in JSON lines."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from gateway.errors import EX_CONFIG, ConfigError, Problem, Refused

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]
"""What a controller does with one simulated minute."""

Job = Mapping[str, Any]
"""house, weather, seed, days, warm_up_days, start, tariff, faults, random_faults, trace: see docs/climate-bench.md."""

_ROOT = Path(__file__).resolve().parents[2]


class Judge:
    """A process for any number of runs; a context manager. `verb` is bench, tune or perfect; what the latter find is
    kept in `cache`.

    Raises `Refused` ("simhouse_failed") with what it said, and `ConfigError` for files that are not good."""

    def __init__(self, verb: str = "bench", cache: Path | None = None) -> None:
        kept = [] if cache is None else ["--cache", str(cache)]
        self._process = subprocess.Popen(  # noqa: S603  # our own module
            [sys.executable, "-m", "services.simhouse", verb, *kept],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": f"{_ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, job: Job, begin: Callable[[Mapping[str, Any]], Answer]) -> dict[str, Any]:
        """The verdict on the controller that `begin` makes from what is told of the home."""
        self._say({"job": dict(job)})
        answer: Answer | None = None
        while True:
            told = self._hear()
            if "verdict" in told:
                verdict: dict[str, Any] = told["verdict"]
                return verdict
            if "hello" in told:
                answer = begin(told["hello"])
            elif answer is not None:
                self._say(answer(told))

    def ask(self, job: Job, verb: str) -> dict[str, Any]:
        """What `tune` or `perfect` finds."""
        self._say({"job": dict(job)})
        found: dict[str, Any] = self._hear()[verb]
        return found

    def _say(self, told: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(told, separators=(",", ":")) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failed() from None

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._failed()
        told: dict[str, Any] = json.loads(line)
        return told

    def _failed(self) -> Exception:
        assert self._process.stderr is not None
        said = self._process.stderr.read().strip()
        if self._process.wait() == EX_CONFIG:
            return ConfigError([_problem(line) for line in said.splitlines()])
        return Refused("simhouse_failed", said=said.removeprefix("simhouse: ")[-600:])


def _problem(line: str) -> Problem:
    """A line "file:12: path: message (hint)" as it was."""
    file, _, rest = line.partition(":")
    number, _, rest = rest.partition(": ")
    path, _, message = rest.partition(": ")
    return Problem(file=file, line=int(number) if number.isdecimal() else 1, path=path, message=message)
