"""A machine with two slots, a boot loader and a power line, without a machine: what survives a power cut is in
`House`, and the power or the process can be cut off at every effect."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.errors import Refused
from gateway.wire.release import UpdateState
from gateway.wire.update import Origin, Slot, Step
from services.updater.engine import Engine
from services.updater.events import Restart, Wanted
from services.updater.gate import Gate
from services.updater.host import Health
from services.updater.installer import Bundle, Mark, Progress, Which
from services.updater.memory import Attempt, Memory, Release, other_than
from services.updater.parts import Parts
from services.updater.place import Place
from services.updater.watch import Watch

OLD, NEW = "0.1.0", "0.2.0"
ENDS = {UpdateState.CONFIRMED, UpdateState.ROLLED_BACK, UpdateState.FAILED}


class Cut(BaseException):
    """Here it ends."""


class Restarted(BaseException):
    """The machine goes down in good order."""


@dataclass
class Grub:
    """The variables of facts: order, good, attempts; all durable."""

    order: list[Slot] = field(default_factory=lambda: [Slot.A, Slot.B])
    good: dict[Slot, bool] = field(default_factory=lambda: {Slot.A: True, Slot.B: False})
    tries: dict[Slot, int] = field(default_factory=lambda: {Slot.A: 0, Slot.B: 0})
    sticky: bool = True

    def next(self, *, orderly: bool) -> Slot:
        for slot in self.order:
            if self.good[slot] and self.tries[slot] < 2:
                self.tries[slot] += 1
                return slot
        self.tries = {Slot.A: 0, Slot.B: 0}
        anew = next((slot for slot in self.order if self.good[slot]), Slot.A)
        self.tries[anew] = 1
        return anew

    def activate(self, slot: Slot, running: Slot) -> None:
        self.order = [slot, other_than(slot)]
        self.good[slot], self.tries[slot] = True, 0

    def mark(self, slot: Slot, *, good: bool) -> None:
        self.good[slot], self.tries[slot] = good, 0


@dataclass
class Tryboot:
    """One default slot; a trial is pending only until the next start, of whichever kind."""

    default: Slot = Slot.A
    pending: bool = False
    sticky: bool = False

    def next(self, *, orderly: bool) -> Slot:
        tried, self.pending = self.pending and orderly, False
        return other_than(self.default) if tried else self.default

    def activate(self, slot: Slot, running: Slot) -> None:
        self.pending = slot is not self.default

    def mark(self, slot: Slot, *, good: bool) -> None:
        if good:
            self.default = slot
        else:
            self.pending = False


@dataclass
class House:
    """`well` tells of a version whether its daemon gets well, `boots` whether its kernel does."""

    loader: Grub | Tryboot
    well: dict[str, bool] = field(default_factory=lambda: {OLD: True, NEW: True})
    boots: dict[str, bool] = field(default_factory=lambda: {OLD: True, NEW: True})
    bundle: Bundle = field(default_factory=lambda: Bundle(compatible="hearthgate-x86_64", version=NEW))
    cut_at: int = 0
    """At which effect from now on it ends; 0 never."""
    patient: bool = False
    """The person updates only once the boot has passed its gate."""
    slots: dict[Slot, str | None] = field(default_factory=lambda: {Slot.A: OLD, Slot.B: None})
    running: Slot = Slot.A
    starts: int = 0
    up_s: float = 0
    raw: str = ""
    brought: bool = False
    writing: bool = False
    effects: int = 0

    def __post_init__(self) -> None:
        self.start(orderly=True)

    async def effect(self) -> None:
        self.effects += 1
        await asyncio.sleep(0)
        if self.effects == self.cut_at:
            raise Cut

    def start(self, *, orderly: bool) -> None:
        for _ in range(8):
            self.running = self.loader.next(orderly=orderly)
            orderly = True
            version = self.slots[self.running]
            if version is not None and self.boots[version]:
                break
            orderly = False
        else:
            raise AssertionError("nothing starts any more")
        self.starts, self.up_s, self.writing = self.starts + 1, 20.0, False

    @property
    def version(self) -> str:
        version = self.slots[self.running]
        assert version is not None
        return version

    def finish_writing(self) -> None:
        """RAUC is a process of its own, and goes on when ours has ended."""
        if self.writing:
            self.slots[other_than(self.running)] = self.bundle.version
            self.loader.activate(other_than(self.running), self.running)
            self.writing = False

    # The seams.

    async def load(self) -> Memory:
        return Memory.model_validate_json(self.raw) if self.raw else Memory()

    async def save(self, memory: Memory) -> None:
        await self.effect()
        self.raw = memory.model_dump_json(exclude_defaults=True)
        await self.effect()

    async def inspect(self, bundle: Path) -> Bundle:
        assert self.brought, "looked into before it was there"
        await self.effect()
        return self.bundle

    async def install(self, bundle: Path, progress: Progress) -> None:
        assert self.brought, "installed before it was there"
        other = other_than(self.running)
        await self.effect()
        self.writing = True
        self.loader.mark(other, good=False)
        self.slots[other] = None
        for share in (0.3, 0.6):
            progress(share)
            await self.effect()
        self.slots[other] = self.bundle.version
        await self.effect()
        self.loader.activate(other, self.running)
        self.writing = False
        await self.effect()

    async def mark(self, mark: Mark, which: Which) -> None:
        slot = self.running if which is Which.BOOTED else other_than(self.running)
        await self.effect()
        if mark is Mark.ACTIVE:
            self.loader.activate(slot, self.running)
        else:
            self.loader.mark(slot, good=mark is Mark.GOOD)
        await self.effect()

    async def look_at(self) -> Health:
        well = self.well[self.version]
        return Health(active=True, restarts=0 if well else int(self.up_s), page=well)

    async def restart(self) -> None:
        await self.effect()
        raise Restarted


class FakeHost:
    def __init__(self, house: House) -> None:
        self.look = house.look_at
        self.restart = house.restart


class FakeIntake:
    """Of a bundle that can always be had again."""

    bundle = Path("/bundles/bundle.raucb")

    def __init__(self, house: House) -> None:
        self._house = house

    def check(self, attempt: Attempt) -> None:
        if attempt.name == "nowhere.raucb":
            raise Refused("bundle_missing")

    async def bring(self, attempt: Attempt, progress: Progress) -> None:
        await self._house.effect()
        progress(0.5)
        self._house.brought = True
        await self._house.effect()

    async def took(self, attempt: Attempt) -> None:
        await self._house.effect()

    async def tidy(self) -> None:
        self._house.brought = False

    async def sticks(self) -> Sequence[str]:
        return ("stick.raucb",)

    async def look(self, index: str, board: str) -> Release:
        return Release(version=NEW, url="https://example.org/b", sha256="0" * 64)


class FakeClock:
    def __init__(self, house: House) -> None:
        self._house = house

    def wall(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self._house.up_s)

    def up_s(self) -> float:
        return self._house.up_s

    async def sleep(self, seconds: float) -> None:
        for _ in range(8):  # everybody else comes as far as he can
            await asyncio.sleep(0)
        self._house.up_s += seconds


def parts_of(house: House) -> Parts:
    place = Place(
        board="x86_64",
        version=house.version,
        slot=house.running,
        boot=f"boot-{house.starts}",
        sticky=house.loader.sticky,
        built=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return Parts(
        place=place,
        keeper=house,
        installer=house,
        host=FakeHost(house),
        intake=FakeIntake(house),
        clock=FakeClock(house),
        gate=Gate(),
    )


def attempt_from(running: Slot) -> Attempt:
    return Attempt(origin=Origin.UPLOAD, name="new.raucb", came_from=running, slot=other_than(running))


async def live(house: House, *, until_s: float = 20_000) -> type[BaseException] | None:
    """One life of the process, with a daemon that reports and a person who updates once: how it ended, or None where
    nothing is left to happen, or it was `until_s`."""
    parts = parts_of(house)
    engine = Engine(parts)
    watch = Watch(parts, engine)

    async def process() -> None:
        await engine.start()
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(engine.run()), tasks.create_task(watch.run())]
            while house.up_s < until_s and not (_is_over(engine.memory) and watch.passed):
                await _daemon_and_person(house, parts, engine, may_update=watch.passed or not house.patient)
            for task in running:
                task.cancel()

    task = asyncio.create_task(process())
    await asyncio.wait((task,))
    return _kind(task.exception())


def _is_over(memory: Memory) -> bool:
    return memory.state in ENDS and memory.step is Step.NONE


async def _daemon_and_person(house: House, parts: Parts, engine: Engine, *, may_update: bool) -> None:
    await parts.clock.sleep(1)
    failing = () if house.well[house.version] else ("store",)
    parts.gate.report(failing, None, house.up_s)
    if engine.memory.step is not Step.NONE:
        return
    if engine.memory.state is UpdateState.IDLE and may_update:
        await engine.tell(Wanted(attempt=attempt_from(house.running)))
    elif engine.memory.state is UpdateState.INSTALLED:
        await engine.tell(Restart())


def _kind(error: BaseException | None) -> type[BaseException] | None:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if error is not None and not isinstance(error, Cut | Restarted):
        raise error
    return type(error) if error is not None else None


async def live_on(house: House, *, power: bool) -> Memory:
    """Lives until nothing is left to happen. Where it is cut off, the power is, or only the process."""
    for _ in range(20):
        end = await live(house)
        if end is None:
            assert house.up_s < 20_000, f"nothing comes of it: {house.raw}"
            return await house.load()
        if end is Restarted or power:
            house.start(orderly=end is Restarted)
        else:
            house.finish_writing()
    raise AssertionError(f"it goes on for ever: {house.raw}")
