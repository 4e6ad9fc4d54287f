"""What a receipt named is there after a power cut, once, and so is who may speak: `tests.unit.store.lost_writes`."""

import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from services.hub.store import sqlite
from services.hub.store.hub import HubStore
from services.hub.store.sqlite import SqliteDatabase
from services.hub.store.words import Delivery, Enrolment
from tests.services.hub.store.fleet import EPOCH, NOON, delivery, energy, greeting, kept_seqs, settle
from tests.unit.store.lost_writes import Disk, Power

FULL = 2
DAY = timedelta(days=1)
LATER = NOON + DAY
"""The summaries are of a day that is over."""


class Story:
    """Random operations on one store; in each of them the power is cut a few times, on copies. `named` is what receipts
    named by now, and `enrolled` who may come."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.draw = random.Random(seed)
        self.folder = folder
        self.database = SqliteDatabase(folder / "live" / "hub.db")
        self.next = 1
        self.named: set[int] = set()
        self.enrolled: set[str] = {"home-a"}
        self.cuts = 0

    async def live(self, operations: int) -> None:
        async with HubStore(self.database) as store:
            await settle(store, "home-a")
            self.database._connection.execute("PRAGMA wal_autocheckpoint = 12").fetchall()
            await store.refuse({("home-a", "other_home"): 1}, NOON)
            power = Power(self.folder / "live" / "hub.db")
            for _ in range(operations):
                named, enrolled = set(self.named), set(self.enrolled)
                await self._operate(store)
                for _ in range(3):
                    await self._check(power.kept.cut(power.now(), self.draw), named, enrolled)
                (level,) = self.database._connection.execute("PRAGMA synchronous").fetchone()
                power.worked(synchronous=level >= FULL)
                await self._check(power.kept, self.named, self.enrolled)

    async def _operate(self, store: HubStore) -> None:
        kind = self.draw.choice(("take", "take", "take", "hello", "enrol", "refuse", "upkeep"))
        if kind == "take":
            taken = await store.take(self._batch(), LATER)
            self.named |= {parcel.seq for parcel in taken.kept}
        elif kind == "hello":
            await store.hello("home-a", greeting(epoch=EPOCH + self.draw.randrange(2)), NOON)
        elif kind == "enrol":
            name = f"home-{len(self.enrolled)}"
            await store.enrol(Enrolment(gateway=name, token_sha256="0" * 64), NOON)
            self.enrolled.add(name)
        elif kind == "refuse":
            await store.refuse({("home-a", "other_home"): 1}, NOON)
        else:
            await store.upkeep(LATER)

    def _batch(self) -> Sequence[Delivery]:
        """What is new, and some of what is known."""
        new = range(self.next, self.next + self.draw.randint(1, 40))
        self.next = new.stop
        return [_summary(seq) for seq in [*self.draw.sample(range(1, new.start + 1), min(5, new.start)), *new]]

    async def _check(self, disk: Disk, named: set[int], enrolled: set[str]) -> None:
        self.cuts += 1
        file = self.folder / "cut" / "hub.db"
        disk.write(file)
        async with HubStore(SqliteDatabase(file)) as store:
            there = await kept_seqs(store)
            homes = {home.gateway for home in await store.homes()}
            again = await store.take([_summary(seq) for seq in range(1, self.next)], LATER)
            await store.upkeep(LATER)
            (day,) = await store.days("home-a", "energy", since=NOON.date(), until=LATER.date()) or (None,)
        assert named <= set(there), "something a receipt named is lost"
        assert enrolled <= homes, "whoever was let in is lost"
        assert len(there) == len(set(there))
        assert again.fresh == self.next - 1 - len(there), "the ledger is not as the rows are"
        assert (day.rows if day else 0) == self.next - 1
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _summary(seq: int) -> Delivery:
    return delivery(seq, energy(float(seq)))


@pytest.mark.parametrize("seed", range(3))
async def test_no_cut_takes_what_a_receipt_named(seed: int, tmp_path: Path) -> None:
    story = Story(seed, tmp_path)
    await story.live(20)
    assert story.cuts == 80


async def test_less_than_full_sync_would_lose_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds the promise is this one setting, and the model notices when it goes."""
    relaxed = tuple(pragma.replace("synchronous = FULL", "synchronous = NORMAL") for pragma in sqlite._PRAGMAS)
    monkeypatch.setattr(sqlite, "_PRAGMAS", relaxed)
    with pytest.raises(AssertionError, match="is lost"):
        await Story(0, tmp_path).live(20)
