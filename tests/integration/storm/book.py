"""What came of each round, a line of JSON each, so that a long storm can be stopped and gone on with."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from services.hub.app.bench.rows import Row
from tests.integration.storm.audit import Verdict
from tests.integration.storm.round import Outcome


class Book:
    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> list[Outcome]:
        """Half a line, of a storm that was killed itself, is as if it had never been."""
        text = self._file.read_text() if self._file.exists() else ""
        return [_outcome(line) for line in text.splitlines() if line.endswith("}")]

    def add(self, outcome: Outcome) -> None:
        with self._file.open("a") as file:
            file.write(json.dumps(asdict(outcome)) + "\n")


def _outcome(line: str) -> Outcome:
    told = json.loads(line)
    return Outcome(**{**told, "verdict": Verdict(**told["verdict"]), "bugs": tuple(told["bugs"])})


def rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """For people and `docs/benchmarks.md`."""
    kills = Counter[tuple[str, str]]()
    for one in outcomes:
        kills.update({(one.site, kind): count for kind, count in one.kills.items()})
    verdicts = [one.verdict for one in outcomes]
    sums = {
        "lost": sum(one.lost for one in verdicts),
        "counted twice": sum(one.twice for one in verdicts),
        "out of order within a stream": sum(one.disordered for one in verdicts),
        "tracebacks": sum(len(one.bugs) for one in outcomes),
    }
    return [
        Row(name="kills", value=kills.total(), unit="kills"),
        *(Row(name=f"{site}: {kind}", value=count, unit="kills") for (site, kind), count in sorted(kills.items())),
        Row(name="summaries made", value=sum(one.made for one in verdicts), unit="summaries"),
        *(Row(name=name, value=sum_, unit="", goal="= 0", holds=sum_ == 0) for name, sum_ in sums.items()),
    ]
