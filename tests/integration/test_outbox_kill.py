"""kill -9 at random instants: what `put` promised is there, was settled, or was counted; in order, and once.

`HEARTHGATE_KILLS=1000` for more than the usual few; every kill is of the same file, which lives on.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.flow.board import Counters
from gateway.seams import Parcel
from gateway.wire.envelope import ParcelId, load
from gateway.wire.summary import Dropped, DropReason, Stream

from .corridor import ROOT
from .outbox_worker import box

KILLS = int(os.environ.get("HEARTHGATE_KILLS", "40"))
ALIVE_S = 0.3
"""At most, from its first word on."""

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180 + 5 * KILLS)]


@dataclass(slots=True)
class Account:
    """What the killed said that they did."""

    put: set[ParcelId] = field(default_factory=set)
    leaving: set[ParcelId] = field(default_factory=set)
    refusing: set[ParcelId] = field(default_factory=set)

    def hear(self, line: str) -> None:
        word, _, rest = line.removesuffix(";").partition(" ")
        one = ParcelId.of(rest)
        if word == "put":
            assert one not in self.put, "a number is given once"
        getattr(self, word).add(one)


class Nursery:
    """Starts what is killed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def life(self, seed: int, alive_s: float) -> Iterator[str]:
        """Lines of a worker that is killed `alive_s` after its first; an unfinished line is none."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{seed}\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline().removeprefix("pid "))
        end_s = None
        while (line := self._process.stdout.readline()) != "dead\n":
            now_s = time.monotonic()
            end_s = now_s + alive_s if end_s is None else end_s
            if now_s >= end_s:
                os.kill(pid, signal.SIGKILL)
                end_s = float("inf")
            if line.endswith(";\n"):
                yield line.strip()


@contextmanager
def nursery(path: Path) -> Iterator[Nursery]:
    command = [sys.executable, "-m", "tests.integration.outbox_worker", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()


async def test_kill_9_at_random_instants_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    path, account, draw = tmp_path / "outbox.db", Account(), random.Random(5)
    with nursery(path) as children:
        for number in range(KILLS):
            for line in children.life(number, draw.uniform(0, ALIVE_S)):
                account.hear(line)
            if number % 10 == 9 or number == KILLS - 1:
                await _audit(path, account)
                print(f"killed {number + 1} of {KILLS}, {len(account.put)} put", file=sys.stderr)  # noqa: T201 - with -s
    assert len(account.put) > KILLS
    assert account.leaving
    assert account.refusing


async def _audit(path: Path, account: Account) -> None:
    counters = Counters()
    async with box(path, counters) as outbox:
        while await outbox.drops():
            pass
        here = [parcel for stream in sorted(Stream) for parcel in await outbox.peek(stream, 0, 10**6)]
        waiting = await outbox.waiting()
    ids = {parcel.id for parcel in here}
    assert counters.get("outbox.corrupt") == 0
    assert len(here) == len(ids) == sum(one.rows for one in waiting.values())
    assert [load(parcel.body).id for parcel in here] == sorted(ids)
    dropped = _dropped(here)
    for stream in (Stream.PRESENCE, Stream.DEVICES, Stream.ENERGY):
        missing = {one for one in account.put - account.leaving - account.refusing - ids if one.stream is stream}
        refused = {one for one in account.refusing - ids if one.stream is stream}
        if stream is Stream.ENERGY:
            assert len(missing) <= dropped[stream, DropReason.FULL]
        else:
            assert not missing
            assert dropped[stream, DropReason.REFUSED] >= len(refused - account.leaving)
        assert dropped[stream, DropReason.REFUSED] <= len(refused)


def _dropped(parcels: list[Parcel]) -> Counter[tuple[Stream, DropReason]]:
    found: Counter[tuple[Stream, DropReason]] = Counter()
    for parcel in parcels:
        data = load(parcel.body).data
        if isinstance(data, Dropped):
            found[data.stream, data.reason] += data.count
    return found
