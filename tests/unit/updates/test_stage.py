"""The daemon reports on its boot, and what comes of that is told once."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from gateway.config.settings import Updates
from gateway.testing.clock import FakeClock
from gateway.testing.updater import FakeUpdater, answering, machine
from gateway.types import Level, State
from gateway.updates.client import UpdaterClient
from gateway.updates.gate import HealthGate
from gateway.updates.stage import UpdatesStage, state_of
from gateway.updates.telling import UpdateTeller
from gateway.wire.envelope import ParcelId
from gateway.wire.summary import Summary, Update, UpdateState
from gateway.wire.update import Install, Machine, Origin, Past, Report
from tests.unit.web.fakes import MemoryKeyValue

INDEX = "https://example.org/releases.json"


class Daemon:
    """The stage with an updater on a real socket. `well` is what its only check says."""

    def __init__(self, socket: Path, **settings: object) -> None:
        self.clock = FakeClock()
        self.well = True
        self.states: list[State] = []
        self.heard: list[Machine] = []

        async def check() -> bool:
            return self.well

        async def changed(found: Machine) -> None:
            self.heard.append(found)

        self.stage = UpdatesStage(
            updater=UpdaterClient(socket),
            gate=HealthGate({"store": check}),
            settings=Updates.model_validate(settings),
            version="1.0.0",
            clock=self.clock,
            local=lambda: datetime(2026, 11, 21, 3, 0),  # noqa: DTZ001  # local time
            report=self.states.append,
            changed=changed,
        )


async def test_it_reports_until_all_is_well(tmp_path: Path) -> None:
    updater = FakeUpdater(machine(confirmed=False, state=UpdateState.TRYING))
    daemon = Daemon(tmp_path / "socket", stable_minutes=5)
    async with answering(updater, tmp_path / "socket"):
        daemon.well = False
        await daemon.stage.tick()
        daemon.well = True
        await daemon.stage.tick()
    assert updater.heard == [
        Report(version="1.0.0", failing=("store",), stable_s=300),
        Report(version="1.0.0", failing=(), stable_s=300),
    ]
    assert [(one.key, one.detail) for one in daemon.states] == [
        ("on_trial", "not well yet: the database does not open, or takes nothing"),
        ("on_trial", "well so far"),
    ]
    assert daemon.stage.failing == ()


async def test_without_an_updater_the_daemon_lives_on(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path / "socket")
    assert await daemon.stage.tick() is None
    (tmp_path / "socket").touch()
    assert await daemon.stage.tick() is None
    assert [(one.level, one.key) for one in daemon.states] == [
        (Level.OFF, "updater_absent"),
        (Level.DEGRADED, "updater_away"),
    ]


async def test_the_index_is_asked_and_what_is_newer_installed(tmp_path: Path) -> None:
    updater = FakeUpdater()
    updater.newest = "2.0.0"
    daemon = Daemon(tmp_path / "socket", index=INDEX, automatic="install")
    async with answering(updater, tmp_path / "socket"):
        for _ in range(3):
            await daemon.stage.tick()
        updater.install_finishes()
        await daemon.stage.tick()
    asked = [one for one in updater.heard if not isinstance(one, Report)]
    assert [one.ask for one in asked] == ["look", "install", "reboot"]
    assert asked[1] == Install(origin=Origin.INDEX)


@pytest.mark.parametrize(
    ("found", "level", "key", "detail"),
    [
        (machine(), Level.OK, "idle", ""),
        (machine(state=UpdateState.CONFIRMED), Level.OK, "confirmed", ""),
        (
            machine(state=UpdateState.ROLLED_BACK, target="2.0.0", key="page", detail="it hung"),
            Level.DEGRADED,
            "rolled_back",
            "2.0.0: the page does not answer from within (it hung)",
        ),
        (machine(state=UpdateState.FAILED, key="bad_signature"), Level.DEGRADED, "failed", "the update: bad signature"),
    ],
)
def test_the_board_says_how_it_went(found: Machine, level: Level, key: str, detail: str) -> None:
    state = state_of(found)
    assert (state.level, state.key, state.detail) == (level, key, detail)


class Box:
    """An outbox that takes each name once."""

    def __init__(self) -> None:
        self.taken: list[Summary] = []
        self.names: set[str | None] = set()

    async def put(
        self, summaries: Sequence[Summary], time: datetime | None, *, once: str | None = None
    ) -> tuple[ParcelId | None, ...]:
        if once not in self.names:
            self.names.add(once)
            self.taken += summaries
        return (None,) * len(summaries)


async def test_the_hub_hears_each_state_once_also_over_a_restart() -> None:
    box, memory, clock = Box(), MemoryKeyValue(), FakeClock()
    trying = machine(state=UpdateState.TRYING, target="2.0.0", campaign=7)
    confirmed = machine(state=UpdateState.CONFIRMED, target="2.0.0", campaign=7, version="2.0.0")
    for found in (trying, trying, confirmed):
        teller = UpdateTeller(box, memory, clock, lambda wall: wall)
        await teller.hear(found)
        await teller.hear(found)
        await clock.advance(30.0)
    told = [one for one in box.taken if isinstance(one, Update)]
    assert [(one.state, one.version, one.campaign) for one in told] == [
        (UpdateState.TRYING, "2.0.0", 7),
        (UpdateState.CONFIRMED, "2.0.0", 7),
    ]


async def test_killed_between_telling_and_remembering_it_is_told_once() -> None:
    box, clock = Box(), FakeClock()
    for _ in range(2):
        await UpdateTeller(box, MemoryKeyValue(), clock, lambda wall: wall).hear(machine())
    assert len(box.taken) == 1


async def test_without_a_clock_nothing_is_told_until_there_is_one() -> None:
    box, times = Box(), iter((None, datetime.now().astimezone()))
    teller = UpdateTeller(box, MemoryKeyValue(), FakeClock(), lambda _wall: next(times))
    past = Past(version="2.0.0", origin=Origin.HUB, state=UpdateState.FAILED)
    found = machine(state=UpdateState.FAILED, target="2.0.0", history=(past,))
    await teller.hear(found)
    assert box.taken == []
    await teller.hear(found)
    assert len(box.taken) == 1
