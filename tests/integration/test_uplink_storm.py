"""kill -9 of gateway, broker, hub and database at random instants: what was made is at the hub, once, and in order.

A few kills of each site; `python -m tests.integration.storm` goes on for a thousand.
"""

import dataclasses
import json
from pathlib import Path

import pytest

from services.hub.app.bench.programs import mosquitto_program
from tests.integration.storm.audit import Verdict
from tests.integration.storm.book import Book, rows
from tests.integration.storm.round import Outcome, weather
from tests.services.hub.postgresql import binaries

KILLS = 6
OUTCOME = Outcome(
    site="door",
    seed=1,
    kills={"hub": 3, "gateway": 4},
    verdict=Verdict(made=900, lost=0, twice=0, disordered=0),
    bugs=(),
    took_s=2.5,
)


@pytest.mark.integration
@pytest.mark.timeout(900)  # half a minute where the machine is free
@pytest.mark.parametrize("site", ["door", "workers"])
async def test_nothing_is_lost_or_counted_twice(site: str, tmp_path: Path) -> None:
    if site == "workers" and (mosquitto_program() is None or binaries() is None):
        pytest.skip("needs Debian's mosquitto and postgresql")
    outcome = await weather(site, 5, KILLS, tmp_path)
    assert outcome.bugs == ()
    assert outcome.verdict == Verdict(made=outcome.verdict.made, lost=0, twice=0, disordered=0)
    assert outcome.verdict.made > 0
    assert sum(outcome.kills.values()) == KILLS


def test_a_storm_goes_on_with_what_its_book_does_not_have_yet(tmp_path: Path) -> None:
    file = tmp_path / "storm.jsonl"
    assert Book(file).read() == []
    Book(file).add(OUTCOME)
    file.write_text(file.read_text() + json.dumps(dataclasses.asdict(OUTCOME))[:-9])
    assert Book(file).read() == [OUTCOME]


def test_what_went_wrong_is_in_the_rows() -> None:
    bad = dataclasses.replace(OUTCOME, verdict=Verdict(made=9, lost=1, twice=2, disordered=3), bugs=("hub",))
    told = {row.name: (row.value, row.holds) for row in rows([OUTCOME, bad])}
    assert told == {
        "kills": (14, None),
        "door: gateway": (8, None),
        "door: hub": (6, None),
        "summaries made": (909, None),
        "lost": (1, False),
        "counted twice": (2, False),
        "out of order within a stream": (3, False),
        "tracebacks": (1, False),
    }
    assert OUTCOME.good
    assert not bad.good
