"""What happened is written down and told: store, Home Assistant, open pages."""

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from gateway.errors import Transient
from gateway.flow.board import Counters
from gateway.flow.channel import Channel
from gateway.seams import Stimulus
from gateway.types import Event

log = logging.getLogger(__name__)


class Log(Protocol):
    async def add(self, event: Event) -> None: ...


async def written(what: str, write: Awaitable[None], counters: Counters) -> bool:
    """Whether the store took it. A full disk must not stop the lamp: what could not be written is counted as
    "store.lost.<what>" and logged as an error, and the corridor goes on."""
    try:
        await write
    except Transient as error:
        counters.add(f"store.lost.{what}")
        log.error("%s could not be written: %s", what, error)
        return False
    return True


class Recorder:
    """Takes the records in order, writes events and tells whoever listens."""

    def __init__(
        self, *, events: Log, counters: Counters, kept: Callable[[Event], None], tell: Callable[[Stimulus], None]
    ) -> None:
        self._events = events
        self._counters = counters
        self._kept = kept
        self._tell = tell

    async def run(self, records: Channel[Stimulus], beat: Callable[[], None]) -> None:
        async for record in records:
            beat()
            if isinstance(record, Event) and await written("event", self._events.add(record), self._counters):
                self._kept(record)
            self._tell(record)
