"""kill -9 of a worker and of PostgreSQL at random instants: nothing a receipt named is lost, nothing is there twice.

HEARTHGATE_KILLS sets how many of each; the default is short.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.hub.store.hub import HubStore, database_at
from tests.services.hub.postgresql import Cluster
from tests.services.hub.store.fleet import NOON, delivery, energy, kept_seqs, settle
from tests.services.hub.store.taker import BATCH

KILLS = int(os.environ.get("HEARTHGATE_KILLS", "3"))
GATEWAYS = ("home-a", "home-b")


class Taker:
    """A worker's process; `receipts` are the first numbers of the batches it printed."""

    def __init__(self, where: str, gateway: str, first: int) -> None:
        command = [sys.executable, "-m", "tests.services.hub.store.taker", where, gateway, str(first)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.receipts: list[int] = []
        self._grown = threading.Condition()
        self._reader = threading.Thread(target=self._read, name="taker-reader", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith("\n"):
                start, kept = line.split()
                assert int(kept) == BATCH
                with self._grown:
                    self.receipts.append(int(start))
                    self._grown.notify_all()

    def wait_for(self, more: int) -> None:
        """Until `more` receipts than now are there."""
        with self._grown:
            wanted = len(self.receipts) + more
            assert self._grown.wait_for(lambda: len(self.receipts) >= wanted, timeout=60), "nothing is taken"

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def takers(where: str, firsts: dict[str, int]) -> Iterator[list[Taker]]:
    started = [Taker(where, gateway, first) for gateway, first in firsts.items()]
    try:
        yield started
    finally:
        for taker in started:
            taker.kill()


def prepare(where: str) -> None:
    async def prepared() -> None:
        async with HubStore(database_at(where)) as store:
            await settle(store, *GATEWAYS)

    asyncio.run(prepared())


def check(where: str, receipts: dict[str, list[int]]) -> dict[str, int]:
    """All that a receipt named is there, once; the number that each gateway would send next."""

    async def checked() -> dict[str, int]:
        async with HubStore(database_at(where)) as store:
            return {gateway: await check_one(store, gateway, receipts[gateway]) for gateway in GATEWAYS}

    return asyncio.run(checked())


async def check_one(store: HubStore, gateway: str, receipts: list[int]) -> int:
    there = await kept_seqs(store, gateway)
    named = {seq for start in receipts for seq in range(start, start + BATCH)}
    assert len(there) == len(set(there)), "something is there twice"
    assert named <= set(there), "something a receipt named is lost"
    assert len(there) % BATCH == 0, "half a batch is there"
    again = [delivery(seq, energy(1.0), gateway=gateway) for seq in there]
    assert (await store.take(again, NOON)).fresh == 0, "the ledger lags behind the rows"
    return max(named, default=0) + 1


@pytest.mark.timeout(60 + 30 * KILLS)
def test_kill_9_of_workers_at_random_instants(where: str) -> None:
    """Each one sends again from the last receipt, as a gateway does. SQLite has one worker at a time."""
    rng = random.Random(20261121)
    gateways = GATEWAYS[:1] if not where.startswith("postgresql") else GATEWAYS
    prepare(where)
    receipts: dict[str, list[int]] = {gateway: [] for gateway in GATEWAYS}
    firsts = dict.fromkeys(gateways, 1)
    for _ in range(KILLS):
        with takers(where, firsts) as started:
            started[0].wait_for(1)
            threading.Event().wait(rng.uniform(0, 0.3))
        for gateway, taker in zip(gateways, started, strict=True):
            receipts[gateway] += taker.receipts
        following = check(where, receipts)
        firsts = {gateway: following[gateway] for gateway in gateways}
    assert all(receipts[gateway] for gateway in gateways[:1])


@pytest.mark.integration
@pytest.mark.timeout(60 + 30 * KILLS)
def test_kill_9_of_postgresql_at_random_instants(mortal: Cluster) -> None:
    rng = random.Random(20261121)
    prepare(mortal.dsn())
    with takers(mortal.dsn(), dict.fromkeys(GATEWAYS, 1)) as started:
        for _ in range(KILLS):
            started[0].wait_for(2)
            threading.Event().wait(rng.uniform(0, 0.3))
            mortal.kill()
            mortal.start()
        started[0].wait_for(2)
    receipts = {gateway: taker.receipts for gateway, taker in zip(GATEWAYS, started, strict=True)}
    check(mortal.dsn(), receipts)
    for starts in receipts.values():
        assert starts == list(range(1, 1 + BATCH * len(starts), BATCH)), "out of order"
