"""Tells the house on MQTT what was seen, in order, without ever holding up the corridor."""

from collections.abc import Callable
from typing import Protocol

from gateway.flow.inbox import Inbox
from gateway.types import Event, State


class Publisher(Protocol):
    """Never raises for a broker that is away: what lasts is retained and sent again on the next connection."""

    async def on_event(self, event: Event) -> None: ...

    async def on_state(self, state: State) -> None: ...


async def announce(news: Inbox[Event | State], publisher: Publisher, beat: Callable[[], None]) -> None:
    """A flow stage, until the news are closed and told."""
    async for item in news:
        beat()
        if isinstance(item, Event):
            await publisher.on_event(item)
        else:
            await publisher.on_state(item)
