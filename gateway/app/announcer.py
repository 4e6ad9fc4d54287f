"""Tells the house on MQTT what was seen, in order, without ever holding up the corridor."""

import logging
from collections.abc import Callable
from typing import Protocol

from gateway.errors import Transient
from gateway.flow.board import Counters
from gateway.flow.inbox import Inbox
from gateway.types import Event, State

log = logging.getLogger(__name__)


class Publisher(Protocol):
    async def on_event(self, event: Event) -> None: ...

    async def on_state(self, state: State) -> None: ...


class Announcer:
    """Without a broker, news are dropped and counted: everything that lasts is retained, and sent again on the
    next connection by the publisher itself."""

    def __init__(self, publisher: Publisher, counters: Counters) -> None:
        self._publisher = publisher
        self._counters = counters

    async def run(self, news: Inbox[Event | State], beat: Callable[[], None]) -> None:
        async for item in news:
            beat()
            try:
                if isinstance(item, Event):
                    await self._publisher.on_event(item)
                else:
                    await self._publisher.on_state(item)
            except Transient as error:
                self._counters.add("mqtt.news_dropped")
                log.debug("not told: %s", error)
