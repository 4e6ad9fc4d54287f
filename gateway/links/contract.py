"""What sources and sinks need of a message link. `MqttLink` is one, `gateway.testing.link.FakeMqttLink` another."""

from collections.abc import AsyncIterator
from typing import Protocol


class Message(Protocol):
    """One arrived message; `retained` means that it was published before we listened, its age is unknown."""

    @property
    def topic(self) -> str: ...

    @property
    def payload(self) -> bytes: ...

    @property
    def retained(self) -> bool: ...


class Inbox(Protocol):
    """Bounded messages of one subscription; the oldest is dropped first and counted."""

    def __aiter__(self) -> AsyncIterator[Message]: ...

    def close(self) -> None: ...


class Link(Protocol):
    """See `gateway.links.mqtt.MqttLink`."""

    @property
    def connected(self) -> bool: ...

    def subscribe(self, *filters: str, size: int = 256) -> Inbox: ...

    async def publish(self, topic: str, payload: bytes | str, *, qos: int = 1, retain: bool = False) -> None: ...
