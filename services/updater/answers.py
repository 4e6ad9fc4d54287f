"""What the updater answers: whether it does what it is asked, and all that it knows."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gateway.errors import GatewayError, Refused, Transient
from gateway.wire.release import UpdateState
from gateway.wire.update import (
    FactoryReset,
    GoBack,
    Imported,
    Install,
    Look,
    Machine,
    Origin,
    Reboot,
    Reply,
    Report,
    Request,
    Slot,
    Status,
    Step,
)
from services.updater import trouble
from services.updater.engine import Engine
from services.updater.events import Looked, Restart, Return, Wanted
from services.updater.installer import Mark, Which
from services.updater.memory import Attempt, other_than
from services.updater.parts import Parts
from services.updater.picture import told
from services.updater.provision import disk
from services.updater.wanted import attempt_of

ANSWER_S = 8.0
"""For what is asked of others meanwhile: whoever asked us waits for 10 s (`gateway.updates.client`)."""
_MOST_IMPORTED_BYTES = 1 << 16
_IMPORTED: TypeAdapter[tuple[Imported, ...]] = TypeAdapter(tuple[Imported, ...])


class Desk:
    """Answers one request after the other; `wish` is the file that asks for a factory reset, `imported` that of the
    first start."""

    def __init__(self, parts: Parts, engine: Engine, *, wish: Path, imported: Path) -> None:
        self._parts, self._engine = parts, engine
        self._wish, self._imported = wish, imported
        self._one = asyncio.Lock()

    async def answer(self, request: Request) -> Reply:
        """Never raises for what was asked."""
        async with self._one:
            try:
                await self._heed(request)
            except GatewayError as error:
                return Reply(machine=await self.machine(), key=error.key, detail=trouble.told(error) or None)
            return Reply(machine=await self.machine())

    async def machine(self) -> Machine:
        """All that is known."""
        return told(self._parts, self._engine, await self._parts.intake.sticks(), self._read_imported())

    async def _heed(self, request: Request) -> None:
        match request:
            case Report():
                self._parts.gate.report(request.failing, request.stable_s, self._parts.clock.up_s())
            case Look():
                await self._look(request)
            case Install():
                await self._install(request)
            case Reboot():
                self._idle()
                await self._engine.tell(Restart())
            case GoBack():
                await self._go_back()
            case FactoryReset():
                await self._forget(request)
            case Status():
                pass

    async def _look(self, request: Look) -> None:
        if request.url is None:
            raise Refused("no_index")
        async with _in_time("index_silent"):
            release = await self._parts.intake.look(request.url, self._parts.place.board)
        await self._engine.tell(Looked(release=release))

    async def _install(self, request: Install) -> None:
        here = self._idle()
        attempt = attempt_of(request, here, self._engine.memory)
        self._parts.intake.check(attempt)
        if self._engine.memory.state is UpdateState.INSTALLED:
            await self._give_up()
        await self._engine.tell(Wanted(attempt=attempt))

    async def _go_back(self) -> None:
        memory = self._engine.memory
        if memory.step is Step.FETCHING:
            await self._engine.give_up()
            return
        here = self._idle()
        if memory.state is UpdateState.INSTALLED:
            await self._give_up()
            return
        if memory.other is None or not memory.other.good:
            raise Refused("other_slot_bad")
        back = Attempt(origin=Origin.BACK, target=memory.other.version, came_from=here, slot=other_than(here))
        await self._engine.tell(Return(attempt=back))

    async def _give_up(self) -> None:
        async with _in_time("installer_away"):
            await self._parts.installer.mark(Mark.ACTIVE, Which.BOOTED)
        await self._engine.give_up()

    async def _forget(self, request: FactoryReset) -> None:
        if self._parts.place.slot is None:
            raise Refused("no_slots")
        if request.sure.strip().lower() != socket.gethostname().lower():
            raise Refused("name_other")
        try:
            disk.put(self._wish, b"")
        except OSError as error:
            raise Transient("memory_unwritable", cause=error.strerror or "") from None
        try:
            async with _in_time("restart_refused"):
                await self._parts.host.restart()
        except Transient:
            disk.drop(self._wish)  # or some later start, for another reason, would forget everything
            raise

    def _idle(self) -> Slot:
        """The running slot, where nothing is under way. Raises `Refused`: "no_slots", "busy", "on_trial"."""
        memory, slot = self._engine.memory, self._parts.place.slot
        if slot is None:
            raise Refused("no_slots")
        if memory.on_trial:
            raise Refused("on_trial")
        if memory.step is not Step.NONE:
            raise Refused("busy")
        return slot

    def _read_imported(self) -> tuple[Imported, ...]:
        try:
            return _IMPORTED.validate_json(disk.read(self._imported, _MOST_IMPORTED_BYTES))[:64]
        except (OSError, ValidationError, GatewayError):
            return ()


@asynccontextmanager
async def _in_time(key: str) -> AsyncGenerator[None]:
    """Raises `Transient(key)` where it takes too long. Not around what is written down: that is done, or is not."""
    try:
        async with asyncio.timeout(ANSWER_S):
            yield
    except TimeoutError:
        raise Transient(key) from None
