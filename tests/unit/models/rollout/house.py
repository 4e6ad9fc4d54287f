"""A house in which one model is rolled out: slots in memory, a comparer that does nothing by itself, a clock we own."""

from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from gateway.errors import GatewayError, Refused
from gateway.flow.board import Board, Counters
from gateway.models.rollout.comparison import Inputs
from gateway.models.rollout.desk import RolloutDesk
from gateway.models.rollout.evidence import Arm, Compared, Seen, Served
from gateway.models.rollout.intake import Intake
from gateway.models.rollout.ports import Ports
from gateway.models.rollout.shadow import Golden
from gateway.models.rollout.verdict import Reading
from gateway.models.rollout.versions import Version
from gateway.models.vectors import VectorReport
from gateway.store.rollouts import Told
from gateway.testing.clock import FakeClock
from gateway.types import Event, Kind, State
from gateway.wire.model_card import CardFile
from gateway.wire.model_manifest import RolloutPlan
from tests.models import tiny

MODEL = "tiny"
YES, NO = Reading(positive=True, score=0.9, label=1), Reading(positive=False, score=0.1, label=0)
QUICK = RolloutPlan(id="r1", share=1.0, shadow_samples=200, canary_samples=200, watch_hours=1, cooldown_hours=2)


def version(number: int, plan: RolloutPlan = QUICK, **card: Any) -> Version:
    """Different numbers make different versions of the same form."""
    changes = {"version": str(number), "serial": number, "sha256": f"{number:064x}", **card}
    return Version(digest=f"d{number}", card=tiny.card(**changes), plan=plan)


class MemoryVersions:
    """Implements `versions.Versions`; `fail` is raised by the next switches."""

    def __init__(self, active: Version, candidate: Version | None = None) -> None:
        self.slots: dict[str, Version | None] = {"active": active, "candidate": candidate, "previous": None}
        self.fail: GatewayError | None = None
        self.switched: list[str] = []

    def active(self, model: str) -> Version:
        found = self.slots["active"]
        assert found is not None
        return found

    def candidate(self, model: str) -> Version | None:
        return self.slots["candidate"]

    def previous(self, model: str) -> Version | None:
        return self.slots["previous"]

    @contextmanager
    def opened(self, file: CardFile) -> Generator[Path]:
        yield Path("/nowhere") / file.name

    def promote(self, model: str, digest: str) -> None:
        self._switch("promote")
        if self.slots["candidate"] is None or self.slots["candidate"].digest != digest:
            raise Refused("model_no_candidate")
        self.slots = {"active": self.slots["candidate"], "candidate": None, "previous": self.slots["active"]}

    def reject(self, model: str) -> None:
        self._switch("reject")
        self.slots["candidate"] = None

    def rollback(self, model: str) -> None:
        self._switch("rollback")
        self.slots["active"], self.slots["previous"] = self.slots["previous"], None

    def _switch(self, what: str) -> None:
        if self.fail is not None:
            raise self.fail
        self.switched.append(what)


class MemoryTable:
    def __init__(self, rows: Mapping[str, str] | None = None) -> None:
        self.rows = dict(rows or {})
        self.events: list[Event] = []
        self.fail: GatewayError | None = None

    async def save(self, model: str, body: str, decisions: Iterable[Event] = ()) -> None:
        if self.fail is not None:
            raise self.fail
        self.rows[model] = body
        self.events += decisions

    async def all(self) -> Mapping[str, str]:
        return self.rows


class MemoryCorrections:
    def __init__(self) -> None:
        self.told: dict[str, Told] = {}

    async def by_source(self, kinds: Iterable[Kind], since: datetime) -> Mapping[str, Told]:
        return self.told


class IdleComparer:
    """Implements `ports.Comparer`: says what it was asked; golden answers are what the test puts in `report`."""

    def __init__(self) -> None:
        self.compared: tuple[str, str] | None = None
        self.report: VectorReport | GatewayError | None = VectorReport(cases=3, worst_abs=0.0, cosine=1.0, holds=True)
        self.silent = False
        self.asked: list[str] = []
        self.offered = 0

    def start(self) -> None: ...

    def close(self) -> None: ...

    def compare(self, model: str, active: Version, candidate: Version, duty: float) -> None:
        self.compared = (active.digest, candidate.digest)

    def stop(self, model: str) -> None:
        self.compared = None

    def offer(self, model: str, inputs: Inputs) -> bool:
        self.offered += 1
        return True

    def golden(self, version: Version) -> Golden:
        self.asked.append(version.digest)
        future: Golden = Future()
        if self.silent:
            return future
        if isinstance(self.report, GatewayError):
            future.set_exception(self.report)
        else:
            future.set_result(self.report)
        return future


class House:
    """`live` feeds what was seen, second by second, until the phase changes or the feed ends."""

    def __init__(self, versions: MemoryVersions, table: MemoryTable | None = None) -> None:
        self.versions = versions
        self.table = table or MemoryTable()
        self.corrections = MemoryCorrections()
        self.comparer = IdleComparer()
        self.intake = Intake()
        self.clock = FakeClock()
        self.board = Board()
        self.counters = Counters()
        self.told: list[Event] = []
        self.temperature_c: float | None = 50.0
        self.shed = 0
        self.desk = RolloutDesk(
            Ports(
                versions=versions,
                table=self.table,
                corrections=self.corrections,
                shadow=self.comparer,
                intake=self.intake,
                clock=self.clock,
                report=self.board.report,
                tell=self.told.append,
                counters=self.counters,
                device="gw",
            ),
            [MODEL],
            shedding=lambda: self.shed,
            temperature=lambda: self.temperature_c,
        )

    async def tick(self, *seen: Seen, seconds: float = 1.0) -> None:
        for one in seen:
            self.intake.put(one)
        await self.clock.advance(seconds)
        await self.desk.tick(seconds)

    @property
    def phase(self) -> str:
        record = self.desk.record(MODEL)
        return "none" if record is None else record.phase.value

    @property
    def labels(self) -> list[str | None]:
        return [event.label for event in self.told]

    def state(self) -> State:
        return self.board.all()[f"model/{MODEL}"]


def pair(active: Reading = YES, candidate: Reading | None = None, **more: Any) -> Compared:
    """By default both say the same, as fast."""
    found = active if candidate is None else candidate
    given = {"same": found is active, "active_s": 0.010, "candidate_s": 0.010, **more}
    return Compared(model=MODEL, active=active, candidate=found, **given)


def served(arm: Arm = Arm.CANDIDATE, reading: Reading | None = YES, **more: Any) -> Served:
    return Served(model=MODEL, arm=arm, **{"took_s": 0.010, "reading": reading, **more})


def mixed(count: int, **more: Any) -> list[Compared]:
    return [pair(YES if number % 2 else NO, **more) for number in range(count)]


INPUTS: Inputs = (np.zeros((1, 8, 8, 3), np.float32),)
