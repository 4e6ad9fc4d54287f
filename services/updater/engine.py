"""Carries out what is due, and writes down what came of it before anything follows from it."""

import asyncio
from datetime import datetime

from gateway.errors import GatewayError, Refused, Transient
from gateway.wire.release import UpdateState
from gateway.wire.update import Step
from services.updater.course import Act, due, step
from services.updater.events import Done, Event, Failed, GivenUp, Missed, Started
from services.updater.installer import Mark, Which
from services.updater.memory import Attempt, Memory
from services.updater.parts import Parts
from services.updater.release import check_bundle
from services.updater.trouble import told

RETRY_S = 5.0
MOST_RETRY_S = 600.0
RESTARTING_S = 300.0
"""By then a restart that was asked for has ended this process, or is asked for again."""


class Engine:
    """`memory` is what is on the disk, `done` how far the step under way has come, 0 to 1. One `run` at a time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = asyncio.Lock()
        self._changed = asyncio.Event()
        self._fetching: asyncio.Task[None] | None = None
        self.memory = Memory()
        self.done: float | None = None

    async def start(self) -> None:
        """Find out where things stand. A disk that cannot be written now does not keep the slot from being judged."""
        parts = self._parts
        self.memory = await parts.keeper.load()
        if parts.place.slot is None:
            return
        began = Started(
            slot=parts.place.slot, version=parts.place.version, boot=parts.place.boot, sticky=parts.place.sticky
        )
        try:
            await self.tell(began)
        except Transient as error:
            parts.warn(str(error))
            self.memory = step(self.memory, began, None)

    async def run(self) -> None:
        """For ever; without slots nothing is ever due."""
        while True:
            self._changed.clear()
            act = due(self.memory)
            if act is None:
                await self._rest()
            elif act is Act.FETCH:
                await self._fetch()
            else:
                await self._go_on(act)

    async def give_up(self) -> None:
        """What is on its way or waits to be started; nothing else. When this returns nothing more of it comes. Raises
        as `tell`."""
        await self.tell(GivenUp())
        if self._fetching is not None and self.memory.step is Step.NONE:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})

    async def tell(self, event: Event) -> None:
        """Raises `Transient("memory_unwritable")`; then nothing has happened."""
        async with self._lock:
            after = step(self.memory, event, self._at())
            if after == self.memory:
                return
            try:
                await self._parts.keeper.save(after)
            except OSError as error:
                raise Transient("memory_unwritable", cause=error.strerror or "") from None
            self.memory = after
            self._changed.set()

    async def _rest(self) -> None:
        if self.memory.state is not UpdateState.INSTALLED:
            self.done = None
        try:
            await self._parts.intake.tidy()
        except GatewayError as error:
            self._parts.warn(str(error))
        await self._changed.wait()

    async def _fetch(self) -> None:
        async with asyncio.TaskGroup() as group:  # that one of its tasks is cancelled is no failure of the group
            self._fetching = group.create_task(self._go_on(Act.FETCH))
        self._fetching = None

    async def _go_on(self, act: Act) -> None:
        event = await self._carry_out(act)
        try:
            await self.tell(event)
        except Transient as error:
            self._parts.warn(str(error))
            await self._parts.clock.sleep(RETRY_S)
            return
        if isinstance(event, Missed):
            await self._parts.clock.sleep(self._delay_s())
        elif act in _RESTARTS and isinstance(event, Done):
            await self._parts.clock.sleep(RESTARTING_S)

    async def _carry_out(self, act: Act) -> Event:
        before = self.done = 0.0
        try:
            return await self._act(act)
        except Refused as error:
            return Failed(key=error.key, detail=told(error))
        except GatewayError as error:
            return Missed(key=error.key, detail=told(error), brought=(self.done or 0.0) > before)

    async def _act(self, act: Act) -> Done:
        parts = self._parts
        match act:
            case Act.FETCH:
                await parts.intake.bring(self._attempt, self._progressed)
            case Act.CHECK:
                await parts.intake.took(self._attempt)
                bundle = await parts.installer.inspect(parts.intake.bundle)
                return Done(version=check_bundle(bundle, parts.place))
            case Act.INSTALL:
                await self._mark(Mark.GOOD)  # to come back to, with all its attempts, also where it has just started
                await parts.installer.install(parts.intake.bundle, self._progressed)
            case Act.SWITCH:
                await parts.installer.mark(Mark.ACTIVE, Which.OTHER)
                await parts.host.restart()
            case Act.RESTART:
                await parts.host.restart()
            case Act.SEND_BACK:
                await self._mark(Mark.BAD)
                await parts.host.restart()
        return Done()

    async def _mark(self, mark: Mark) -> None:
        """The running slot. What cannot be marked is left to the boot loader, which counts attempts."""
        try:
            await self._parts.installer.mark(mark, Which.BOOTED)
        except GatewayError as error:
            self._parts.warn(str(error))

    @property
    def _attempt(self) -> Attempt:
        assert self.memory.attempt is not None, self.memory
        return self.memory.attempt

    def _progressed(self, share: float) -> None:
        if self.memory.step is not Step.NONE:  # a copy that nobody wants any more ends with the piece it is at
            self.done = share

    def _delay_s(self) -> float:
        tries = self.memory.attempt.tries if self.memory.attempt is not None else 0
        return float(min(RETRY_S * 2**tries, MOST_RETRY_S))

    def _at(self) -> datetime | None:
        now = self._parts.clock.wall()
        return now if now >= self._parts.place.built else None


_RESTARTS = {Act.SWITCH, Act.RESTART, Act.SEND_BACK}
