"""How updates get on, as the hub is told: one summary for each state that is entered."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from gateway.flow.clock import Clock
from gateway.wire.envelope import ParcelId
from gateway.wire.summary import HOUR_S, Summary, Update
from gateway.wire.update import Machine

_KEY = "updates/told"


class Outgoing(Protocol):
    """See `gateway.store.outbox.outbox.Outbox`."""

    async def put(
        self, summaries: Sequence[Summary], time: datetime | None, *, once: str | None = None
    ) -> tuple[ParcelId | None, ...]: ...


class Memory(Protocol):
    """See `gateway.store.keyvalue.KeyValue`."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str) -> None: ...


class UpdateTeller:
    """What was told is remembered, so that no restart tells it again. Nothing is told while the clock is not
    `plausible`: then the state that stands once it is."""

    def __init__(
        self, outgoing: Outgoing, memory: Memory, clock: Clock, plausible: Callable[[datetime], datetime | None]
    ) -> None:
        self._outgoing = outgoing
        self._memory = memory
        self._clock = clock
        self._plausible = plausible
        self._told: str | None = None

    async def hear(self, machine: Machine) -> None:
        """Raises what the memory raises."""
        wall = self._plausible(self._clock.now().wall)
        if wall is None:
            return
        version, campaign = machine.target or machine.version, machine.campaign
        name = f"{machine.state.value} {version} {campaign or '-'}"
        if self._told is None:
            self._told = await self._memory.get(_KEY)
        if name == self._told:
            return
        hour = int(wall.timestamp()) // HOUR_S * HOUR_S
        summary = Update(hour=hour, state=machine.state, version=version, campaign=campaign)
        await self._outgoing.put([summary], wall, once=f"{_KEY} {name} {hour}")
        await self._memory.set(_KEY, name)
        self._told = name
