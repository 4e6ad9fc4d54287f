"""An updater without a machine: it answers on a real socket, and its slots are words."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gateway.wire.summary import UpdateState, Version
from gateway.wire.update import (
    MOST_BYTES,
    FactoryReset,
    GoBack,
    Install,
    Look,
    Machine,
    Origin,
    Past,
    Reboot,
    Reply,
    Report,
    Request,
    Slot,
    Step,
)

_REQUEST: TypeAdapter[Request] = TypeAdapter(Request)


def machine(**changes: object) -> Machine:
    """A PC on slot A that has passed its health gate."""
    told = {
        "board": "x86_64",
        "version": "1.0.0",
        "slot": Slot.A,
        "confirmed": True,
        "state": UpdateState.IDLE,
        "stable_needed_s": 180.0,
    }
    return Machine.model_validate({**told, **changes})


class FakeUpdater:
    """`machine` is what it answers with, and may be set. It takes bundles whose names are in `bundles`, or anything
    by address; `install_finishes` and `boot` are what time would do. `heard` is all that was asked, in order."""

    def __init__(self, start: Machine | None = None, *, bundles: dict[str, Version] | None = None) -> None:
        self.machine = start or machine()
        self.bundles = bundles or {}
        self.newest: Version | None = None
        self.heard: list[Request] = []

    def answer(self, request: Request) -> Reply:
        self.heard.append(request)
        match request:
            case Install():
                key = self._install(request)
            case Reboot():
                self._change(step=Step.REBOOTING)
                key = None
            case GoBack():
                key = self._go_back()
            case Look():
                self._change(newest=self.newest)
                key = None if self.newest is not None else "no_index"
            case Report():
                self._change(failing=request.failing, stable_needed_s=request.stable_s or 180.0)
                key = None
            case FactoryReset():
                key = None
            case _:
                key = None
        return Reply(machine=self.machine, key=key)

    def install_finishes(self, key: str | None = None, detail: str | None = None) -> None:
        if key is not None:
            self._ends(UpdateState.FAILED, key, detail)
        else:
            self._change(state=UpdateState.INSTALLED, step=Step.NONE, done=None, other=self.machine.target)

    def boot(self) -> None:
        """Into what was installed, on trial."""
        self._swap(state=UpdateState.TRYING, confirmed=False)

    def confirm(self) -> None:
        self._ends(UpdateState.CONFIRMED, None, None)
        self._change(confirmed=True)

    def fall_back(self, key: str, detail: str | None = None) -> None:
        self._swap(confirmed=True)
        self._ends(UpdateState.ROLLED_BACK, key, detail)

    def _install(self, request: Install) -> str | None:
        if self.machine.slot is None:
            return "no_slots"
        if self.machine.state is UpdateState.DOWNLOADING:
            return "busy"
        if request.name is not None and request.name not in self.bundles:
            return "bundle_missing"
        version = self.bundles.get(request.name or "", self.newest or "2.0.0")
        self._change(
            state=UpdateState.DOWNLOADING,
            step=Step.INSTALLING,
            done=0.0,
            target=version,
            origin=request.origin,
            campaign=request.campaign,
            key=None,
            detail=None,
        )
        return None

    def _go_back(self) -> str | None:
        if self.machine.state is UpdateState.INSTALLED or self.machine.step is Step.FETCHING:
            self._change(state=UpdateState.IDLE, step=Step.NONE, target=None)
            return None
        if self.machine.other is None:
            return "other_slot_bad"
        self._change(step=Step.REBOOTING)
        return None

    def _swap(self, **changes: object) -> None:
        other = Slot.B if self.machine.slot is Slot.A else Slot.A
        version = self.machine.other or self.machine.version
        self._change(slot=other, version=version, other=self.machine.version, step=Step.NONE, **changes)

    def _ends(self, state: UpdateState, key: str | None, detail: str | None) -> None:
        now = self.machine
        past = Past(
            at=None, version=now.target, origin=now.origin or Origin.UPLOAD, state=state, key=key, detail=detail
        )
        history = (past, *now.history)[:50]
        self._change(state=state, step=Step.NONE, done=None, key=key, detail=detail, history=history)

    def _change(self, **changes: object) -> None:
        self.machine = Machine.model_validate({**self.machine.model_dump(), **changes})


@asynccontextmanager
async def answering(updater: FakeUpdater, socket: Path) -> AsyncGenerator[None]:
    """`updater` on `socket` until the block ends."""

    open_now: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now[asyncio.current_task()] = writer
        try:
            while line := await reader.readline():
                try:
                    reply = updater.answer(_REQUEST.validate_json(line))
                except ValidationError:
                    reply = Reply(machine=updater.machine, key="request_invalid")
                writer.write(reply.model_dump_json(exclude_none=True).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError):  # whoever asked is gone, or does not end
            pass
        finally:
            writer.close()
            del open_now[asyncio.current_task()]

    server = await asyncio.start_unix_server(serve, socket, limit=MOST_BYTES)
    try:
        yield
    finally:
        server.close()
        for writer in open_now.values():
            writer.close()
        if waiting := {task for task in open_now if task is not None}:
            await asyncio.wait(waiting)
        await asyncio.to_thread(socket.unlink, missing_ok=True)
