"""Decides about a candidate again and again, killed before the first, second, third... durable step of doing so.

`python -m tests.unit.models.rollout.interrupted FOLDER DECISION` prints what was left each time, as JSON. A step is a
commit of the database (before it and after it) or whatever opens a file of the model store for writing, syncs, renames
or removes one. Database and store are the real ones.
"""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from gateway.flow.board import Board, Counters
from gateway.models.rollout.desk import RolloutDesk
from gateway.models.rollout.evidence import Seen
from gateway.models.rollout.from_store import StoreVersions
from gateway.models.rollout.intake import Intake
from gateway.models.rollout.ports import Ports
from gateway.store import file as database_file
from gateway.store.database import Database
from gateway.store.events import EventLog
from gateway.store.rollouts import Corrections, RolloutTable
from gateway.testing.clock import FakeClock
from gateway.types import Kind
from tests.models.releases import make_store, manifest, release_card, signed, take_in, variant
from tests.unit.models.rollout.house import MODEL, QUICK, IdleComparer, mixed, served

ENOUGH: list[Seen] = [*mixed(240), *[served() for _ in range(200)]]
BAD: list[Seen] = [served(error="model_failed", reading=None)]

FEEDS: dict[str, tuple[list[Seen], list[Seen], str]] = {
    "promote": ([*mixed(240)], [*ENOUGH], "watch"),
    "reject": ([], [*BAD], "refused"),
    "rollback": ([*mixed(240)], [*BAD], "rolled_back"),
}
"""What is seen before, what the decision is made for, and where it leads."""


class Gateway:
    """Database, store and desk in `folder`, opened as after a start."""

    def __init__(self, folder: Path) -> None:
        self.store = make_store(folder / "models")
        self.database = Database(folder / "gateway.db")
        self.clock = FakeClock()
        self.intake = Intake()
        self.desk = RolloutDesk(
            Ports(
                versions=StoreVersions(self.store, {}),
                table=RolloutTable(self.database),
                corrections=Corrections(self.database),
                shadow=IdleComparer(),
                intake=self.intake,
                clock=self.clock,
                report=Board().report,
                tell=lambda _event: None,
                counters=Counters(),
                device="gw",
            ),
            [MODEL],
        )

    async def ticks(self, seen: list[Seen], count: int = 1) -> str:
        for one in seen:
            self.intake.put(one)
        for _ in range(count):
            await self.clock.advance(1)
            await self.desk.tick(1)
        record = self.desk.record(MODEL)
        return "" if record is None else record.phase.value


async def prepare(folder: Path, decision: str) -> None:
    """Bring it to where the decision is about to be made: release 1 serves, release 2 is the candidate."""
    here = Gateway(folder)
    take_in(here.store, 1)
    card = release_card(2)
    data = manifest(card, rollout=QUICK)
    here.store.take_in(data, signed(data), {card.sha256: variant(2)}, now=None)
    async with here.database, here.desk:
        await here.ticks([], 2)
        phase = await here.ticks(FEEDS[decision][0])
        if decision == "rollback":
            phase = await here.ticks([*ENOUGH])
    assert phase == {"promote": "canary", "reject": "shadow", "rollback": "watch"}[decision]


async def decide(folder: Path, decision: str) -> None:
    _, seen, wanted = FEEDS[decision]
    here = Gateway(folder)
    async with here.database, here.desk:
        assert await here.ticks(seen) == wanted


async def left(folder: Path) -> dict[str, Any]:
    """What a start and a few seconds without anything seen make of it."""
    here = Gateway(folder)
    findings = here.store.boot()
    async with here.database, here.desk:
        phase = await here.ticks([], 3)
        record = here.desk.record(MODEL)
        assert record is not None
        events = await EventLog(here.database).recent(50, kind=Kind.MODEL_DECIDED)
    slots = here.store.slots(MODEL)
    serving = here.store.active(MODEL)
    assert serving is not None
    with here.store.file(serving.card.main) as file:
        assert len(file.read_bytes()) == serving.card.bytes
    return {
        "phase": phase,
        "intent": record.intent.value,
        "active": serving.card.serial,
        "candidate": slots.candidate == record.candidate,
        "findings": len(findings),
        "for_a_reason": not any("by hand" in (event.detail or "") for event in events),
        "labels": [event.label for event in reversed(events)],
    }


class Steps:
    """Counts the durable steps of this process and kills it before step `end`."""

    def __init__(self, folder: Path, end: int) -> None:
        self._folder, self._end, self._count = f"{folder}/models/", end, 0
        steps, fsync = self, os.fsync

        class Counted(sqlite3.Connection):
            def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
                if sql != "COMMIT":
                    return super().execute(sql, *given)
                steps.step()
                done = super().execute(sql, *given)
                steps.step()
                return done

        class CountingSqlite:
            def __getattr__(self, name: str) -> Any:
                return getattr(sqlite3, name)

            def connect(self, *given: Any, **more: Any) -> sqlite3.Connection:
                return sqlite3.connect(*given, **more, factory=Counted)

        def synced(handle: int) -> None:
            steps.step()
            fsync(handle)

        database_file.sqlite3 = CountingSqlite()  # type: ignore[assignment, attr-defined]
        os.fsync = synced  # type: ignore[assignment]
        sys.addaudithook(self._seen)

    def step(self) -> None:
        self._count += 1
        if self._count == self._end:
            os.kill(os.getpid(), signal.SIGKILL)

    def _seen(self, event: str, given: tuple[Any, ...]) -> None:
        writes = event == "open" and bool(given[2] & (os.O_WRONLY | os.O_RDWR))
        if (writes or event in {"os.rename", "os.remove"}) and str(given[0]).startswith(self._folder):
            self.step()


def left_of(folder: Path, decision: str) -> list[dict[str, Any]]:
    """One for each step that it was killed before, and for the decision that was not."""
    results: list[dict[str, Any]] = []
    killed = True
    while killed:
        here = folder / "here"
        shutil.copytree(folder / "begun", here)
        child = os.fork()
        if child == 0:
            Steps(here, len(results) + 1)
            asyncio.run(decide(here, decision))
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        killed = os.WIFSIGNALED(status)
        assert killed or os.WEXITSTATUS(status) == 0
        results.append(asyncio.run(left(here)))
        shutil.rmtree(here)
    return results


def main(folder: Path, decision: str) -> None:
    begun = folder / "begun"
    begun.mkdir()
    asyncio.run(prepare(begun, decision))
    sys.stdout.write(json.dumps(left_of(folder, decision)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
