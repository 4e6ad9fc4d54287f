"""Roll-outs end to end: the real store, database, runtime and comparing thread; only time is ours."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gateway.errors import GatewayError, Invalid
from gateway.flow.board import Board, Counters
from gateway.models import vectors
from gateway.models.litert import LiteRtBackend
from gateway.models.rollout.backend import RolloutBackend
from gateway.models.rollout.desk import RolloutDesk
from gateway.models.rollout.from_store import StoreVersions
from gateway.models.rollout.intake import Intake
from gateway.models.rollout.ports import Ports
from gateway.models.rollout.shadow import Shadow
from gateway.models.rollout.versions import bucket
from gateway.seams import Backend, subject
from gateway.store.database import Database
from gateway.store.events import EventLog
from gateway.store.rollouts import Corrections, RolloutTable
from gateway.testing.clock import FakeClock
from gateway.types import Event, Kind, new_id
from gateway.wire.model_card import ModelCard
from gateway.wire.model_manifest import Gates, RolloutPlan
from tests.models import tiny
from tests.models.releases import make_store, manifest, release_card, signed, variant

Array = npt.NDArray[np.generic]

MODEL = "tiny"
PATIENT = Gates(latency_ratio=1000.0)
"""Two cores that others use too: only the test of latencies judges latencies."""
PLAN = RolloutPlan(
    id="r", share=0.5, shadow_samples=120, canary_samples=120, duty=1.0, watch_hours=1, cooldown_hours=1, gates=PATIENT
)
MINE = next(name for name in map(str, range(99)) if bucket("r", name) < 0.5)
OTHER = next(name for name in map(str, range(99)) if bucket("r", name) >= 0.5)
LONGEST_S = 60


class Runtime:
    """Real backends; `failing` and `slow` name versions that fail every 20th time or take as long as 30 do."""

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.slow: set[str] = set()

    def make(self, card: ModelCard) -> Backend:
        runtime = self

        class Odd(LiteRtBackend):
            asked = 0

            def infer(self, inputs: Sequence[Array]) -> tuple[Array, ...]:
                self.asked += 1
                if card.version in runtime.failing and self.asked % 20 == 0:
                    raise Invalid("model_failed")
                for _ in range(29 if card.version in runtime.slow else 0):
                    super().infer(inputs)
                return super().infer(inputs)

        return Odd()


class Home:
    """One camera in the share, one not; `live` serves both until the roll-out has moved on to `phase`."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder, self.database = folder, database
        self.store = make_store(folder / "models")
        self.runtime = Runtime()
        self.clock = FakeClock()
        self.told: list[Event] = []
        self.answers: list[int] = []
        self.errors: list[str] = []
        self._owner = ThreadPoolExecutor(1, thread_name_prefix="owner")
        self._random = np.random.default_rng(1)
        intake, versions = Intake(), StoreVersions(self.store, {})
        self.corrections = Corrections(database)
        shadow = Shadow(make=self.runtime.make, make_serving=self.runtime.make, opened=versions.opened, told=intake.put)
        ports = Ports(
            versions=versions,
            table=RolloutTable(database),
            corrections=self.corrections,
            shadow=shadow,
            intake=intake,
            clock=self.clock,
            report=Board().report,
            tell=self.told.append,
            counters=Counters(),
            device="gw",
        )
        self.desk = RolloutDesk(ports, [MODEL])
        self.backend = RolloutBackend(self.runtime.make, desk=self.desk, model=MODEL)

    def offer(
        self, serial: int, data: bytes, plan: RolloutPlan = PLAN, golden: bytes | None = None, **card: Any
    ) -> None:
        """Take in a release, signed and all."""
        objects = {tiny.sha256(data): data}
        if golden is not None:
            objects[tiny.sha256(golden)] = golden
            card["golden"] = {"name": "golden.npz", "sha256": tiny.sha256(golden), "bytes": len(golden)}
        shown = release_card(serial, data=data, role="motion", **card)
        about = manifest(shown, rollout=plan)
        self.store.take_in(about, signed(about), objects, now=None)

    async def load(self) -> None:
        release = self.store.active(MODEL)
        assert release is not None

        def work() -> None:
            with self.store.file(release.card.main) as file:
                self.backend.load(release.card, file)

        await self._on_owner(work)

    async def live(self, phase: str, seconds: float = 1.0) -> Event | None:
        """The event of the last decision."""
        deadline = time.monotonic() + LONGEST_S
        while self.phase not in {phase, "done"} and time.monotonic() < deadline:
            await self._on_owner(self._serve)
            await self.clock.advance(seconds)
            await self.desk.tick(seconds)
        assert self.phase == phase, self.told[-1].detail if self.told else "nothing happened"
        return self.told[-1]

    @property
    def phase(self) -> str:
        record = self.desk.record(MODEL)
        return "" if record is None else record.phase.value

    def _serve(self) -> None:
        for number in range(40):
            subject.set(MINE if number % 2 else OTHER)
            picture = self._random.random((1, 8, 8, 3)) * self._random.uniform(0.3, 0.8)
            try:
                scores, _ = self.backend.infer([picture.astype(np.float32)])
                self.answers.append(int(np.argmax(np.asarray(scores, np.float32))))
            except GatewayError as error:
                self.errors.append(error.key)

    async def close(self) -> None:
        await self._on_owner(self.backend.close)
        await asyncio.to_thread(self._owner.shutdown)

    async def _on_owner(self, work: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._owner, work)


@asynccontextmanager
async def home(folder: Path) -> AsyncGenerator[Home]:
    """Release 1 serves."""
    async with Database(folder / "gateway.db") as database:
        here = Home(folder, database)
        here.offer(1, variant(1))
        async with here.desk:
            await here.load()
            try:
                yield here
            finally:
                await here.close()


def golden(folder: Path, data: bytes) -> bytes:
    """Golden vectors of that model."""
    file = folder / "asked.tflite"
    file.write_bytes(data)
    backend = LiteRtBackend()
    backend.load(tiny.card(data), file)
    made = vectors.make(backend, tiny.card(data), [[np.full((1, 8, 8, 3), 0.5, np.float32)]])
    backend.close()
    return made


async def test_a_good_candidate_is_promoted_watched_and_kept(tmp_path: Path) -> None:
    async with home(tmp_path) as here:
        here.offer(2, variant(2), golden=golden(tmp_path, variant(2)))
        await here.live("watch")
        release = here.store.active(MODEL)
        assert release is not None
        assert release.card.serial == 2
        await here.live("done", seconds=600.0)
        events = await EventLog(here.database).recent(20, kind=Kind.MODEL_DECIDED)
        assert here.errors == []
        assert set(here.answers) == {2}
    assert [event.label for event in reversed(events)] == ["candidate", "shadow", "canary", "promoted", "kept"]
    assert "golden answers asked: 1" in (events[-2].detail or "")


SHUFFLED = np.asarray(tiny.HEAD[[2, 0, 1]], np.float32)
UNSURE = np.asarray(tiny.HEAD * 0.3, np.float32)
NOTHING = np.asarray(tiny.HEAD * np.nan, np.float32)


@pytest.mark.parametrize(
    ("gate", "data"),
    [
        ("agreement", tiny.tiny_model(SHUFFLED)),
        ("histogram", tiny.tiny_model(UNSURE)),
        ("nan", tiny.tiny_model(NOTHING)),
        ("saturation", tiny.tiny_model(np.zeros_like(tiny.HEAD))),
        ("errors", variant(2)),
        ("latency", variant(2)),
        ("golden", variant(2)),
        ("load", variant(2)),
    ],
)
async def test_each_fault_is_refused_by_its_own_gate_and_nobody_notices(gate: str, data: bytes, tmp_path: Path) -> None:
    async with home(tmp_path) as here:
        gates = PATIENT if gate != "latency" else Gates()
        if gate == "saturation":  # it does not agree either
            gates = PATIENT.model_copy(update={"agreement": 0.0, "histogram": 1000.0})
        vectors_of = golden(tmp_path, tiny.tiny_model(SHUFFLED)) if gate == "golden" else None
        if gate == "errors":
            here.runtime.failing.add("1.2")
        if gate == "latency":
            here.runtime.slow.add("1.2")
        lies: dict[str, Any] = {}
        if gate == "load":
            lies["inputs"] = [{"name": "another", "shape": [1, 8, 8, 3], "dtype": "float32"}]
        here.offer(2, data, PLAN.model_copy(update={"gates": gates}), vectors_of, **lies)
        event = await here.live("refused")
        assert event is not None
        assert f"version 1.2: {gate}: " in (event.detail or "")
        assert (here.store.slots(MODEL).candidate, here.errors) == (None, [])
        assert set(here.answers) == {2}


async def test_a_candidate_that_fails_only_when_it_serves_costs_no_request(tmp_path: Path) -> None:
    async with home(tmp_path) as here:
        here.offer(2, variant(2))
        await here.live("canary")
        here.runtime.failing.add("1.2")
        event = await here.live("refused")
        assert event is not None
        assert "errors" in (event.detail or "")
        assert here.errors == []


async def test_what_goes_wrong_after_promotion_is_rolled_back_and_the_next_one_waits(tmp_path: Path) -> None:
    async with home(tmp_path) as here:
        here.offer(2, variant(2))
        await here.live("watch")
        here.runtime.failing.add("1.2")
        await here.live("rolled_back")
        here.runtime.failing.clear()
        release = here.store.active(MODEL)
        assert release is not None
        assert release.card.serial == 1
        here.offer(3, variant(3))
        for _ in range(10):
            await here.desk.tick(100.0)
        assert here.phase == "rolled_back", "it cools down"
        for _ in range(30):
            await here.desk.tick(100.0)
        assert here.told[-1].label != "rolled_back"
        await here.live("canary")


async def test_a_candidate_that_nobody_asks_anything_times_out(tmp_path: Path) -> None:
    async with home(tmp_path) as here:
        here.offer(2, variant(2), PLAN.model_copy(update={"timeout_hours": 2.0}))
        await here.live("shadow")
        for _ in range(80):
            await here.clock.advance(100.0)
            await here.desk.tick(100.0)
        assert here.phase == "refused"
        assert "timeout" in (here.told[-1].detail or "")


async def test_people_calling_it_wrong_ends_a_canary(tmp_path: Path) -> None:
    async with home(tmp_path) as here:
        here.offer(2, variant(2), PLAN.model_copy(update={"canary_samples": 10**6}))
        await here.live("canary")
        log = EventLog(here.database)
        for number in range(12):
            stamp = here.clock.now()
            source = MINE if number % 2 else OTHER
            event = Event(id=new_id(), kind=Kind.MOTION_BEGAN, stamp=stamp, began=stamp, source=source)
            await log.add(event)
            await here.corrections.add(event.id, wrong=source == MINE, at=stamp.wall + timedelta(minutes=1))
        event_told = await here.live("refused")
        assert event_told is not None
        assert "version 1.2: corrections: " in (event_told.detail or "")
        assert "6 of 6 called wrong" in (event_told.detail or "")


async def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    async with home(tmp_path) as here:
        here.offer(2, variant(2))
        await here.live("canary")
        record = here.desk.record(MODEL)
        assert record is not None
        salt = record.salt
    async with Database(tmp_path / "gateway.db") as database:
        again = Home(tmp_path, database)
        async with again.desk:
            await again.load()
            record = again.desk.record(MODEL)
            assert record is not None
            assert (record.phase.value, record.salt) == ("canary", salt)
            await again.live("watch")
            await again.close()
