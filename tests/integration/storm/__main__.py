"""kill -9 of gateways, brokers, hubs and databases at random instants, a thousand in all.

`python -m tests.integration.storm --kills 1000 --results storm.jsonl` says how it gets on, may be stopped at any time,
and goes on with what the file does not have yet. Files of a round where something was wrong stay beside it.
"""

import argparse
import asyncio
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from services.hub.app.bench.programs import mosquitto_program, postgresql_tools
from services.hub.app.bench.rows import document
from tests.integration.storm.book import Book, rows
from tests.integration.storm.round import Outcome, weather
from tests.integration.storm.sites import SITES

ROUND = 25


def main() -> int:
    """The exit status: 0 where nothing was lost, doubled or out of order."""
    parser = argparse.ArgumentParser(prog="python -m tests.integration.storm", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="in all, over all sites (default 1000)")
    parser.add_argument("--results", type=Path, default=Path("storm.jsonl"), help="the file to go on with")
    parser.add_argument("--site", choices=sorted(SITES), action="append", help="only this one")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    if mosquitto_program() is None or postgresql_tools() is None:
        print("needs: apt-get install mosquitto postgresql", file=sys.stderr)  # noqa: T201
        return 1
    book = Book(told.results)
    _stop_as_by_hand()
    try:
        _storm(book, told.kills, told.site or sorted(SITES), told.results.with_suffix(""))
    except KeyboardInterrupt:
        return 130
    outcomes = book.read()
    if told.json:
        print(document("storm", rows(outcomes)))  # noqa: T201
    else:
        for row in rows(outcomes):
            print(f"{row.name:32} {row.value:10.0f} {row.unit}{'' if row.holds in {None, True} else ' MISSED'}")  # noqa: T201
    return int(not all(one.good for one in outcomes))


def _stop_as_by_hand() -> None:
    """Also from a script, and by SIGTERM: so that no process stays behind."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


def _storm(book: Book, kills: int, sites: Sequence[str], folder: Path) -> None:
    known = {(one.site, one.seed): sum(one.kills.values()) for one in book.read()}
    progress = Progress(sum(known.values()), kills)
    for site, seed in ((site, seed) for seed in range(kills) for site in sites):
        if progress.left <= 0:
            return
        if (site, seed) not in known:
            book.add(_round(site, seed, min(ROUND, progress.left), folder / f"{site}-{seed}", progress))


def _round(site: str, seed: int, kills: int, folder: Path, progress: "Progress") -> Outcome:
    shutil.rmtree(folder, ignore_errors=True)  # of a round that was stopped
    folder.mkdir(parents=True)
    outcome = asyncio.run(weather(site, seed, kills, folder, progress.tell))
    if outcome.good:
        shutil.rmtree(folder)
    else:
        print(f"{site} {seed}: {outcome.verdict}, see {folder}", file=sys.stderr)  # noqa: T201
    return outcome


class Progress:
    """`done` kills are in the book already."""

    def __init__(self, done: int, kills: int) -> None:
        self._began = time.monotonic()
        self._kills = kills
        self._new = 0
        self.left = kills - done

    def tell(self, victim: str) -> None:
        self._new += 1
        self.left -= 1
        minutes = (time.monotonic() - self._began) / self._new * self.left / 60
        print(f"kill {self._kills - self.left} of {self._kills}: {victim}, {minutes:.0f} min left", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
