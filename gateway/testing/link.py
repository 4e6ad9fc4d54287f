"""An MQTT link without a broker: what is published is kept, what is injected arrives."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from gateway.errors import Transient


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeMessage:
    """As `gateway.links.mqtt.MqttMessage`."""

    topic: str
    payload: bytes
    retained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What left through the link."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


class FakeInbox:
    """Messages of one subscription until it is closed; one iterator at a time."""

    def __init__(self, filters: tuple[str, ...]) -> None:
        self.filters = filters
        self.closed = False
        self._queue: asyncio.Queue[FakeMessage | None] = asyncio.Queue()

    def put(self, message: FakeMessage) -> None:
        if any(_matches(wanted, message.topic) for wanted in self.filters):
            self._queue.put_nowait(message)

    def close(self) -> None:
        self.closed = True
        self._queue.put_nowait(None)

    async def __aiter__(self) -> AsyncGenerator[FakeMessage, None]:
        while (message := await self._queue.get()) is not None:
            yield message


class FakeMqttLink:
    """Same calls as `MqttLink`; `answer` plays the device on a command topic."""

    def __init__(self) -> None:
        self.connected = True
        self.published: list[Published] = []
        self.inboxes: list[FakeInbox] = []
        self._answers: dict[str, Callable[[bytes], None]] = {}

    def subscribe(self, *filters: str, size: int = 256) -> FakeInbox:  # noqa: ARG002 - the fake never overflows
        inbox = FakeInbox(filters)
        self.inboxes.append(inbox)
        return inbox

    def answer(self, topic: str, device: Callable[[bytes], None]) -> None:
        """`device` is called with every payload published to `topic`."""
        self._answers[topic] = device

    def inject(self, topic: str, payload: bytes | str, *, retained: bool = False) -> None:
        data = payload.encode() if isinstance(payload, str) else payload
        for inbox in self.inboxes:
            inbox.put(FakeMessage(topic=topic, payload=data, retained=retained))

    async def publish(self, topic: str, payload: bytes | str, *, qos: int = 1, retain: bool = False) -> None:
        """Raises `Transient` ("broker_unreachable") when not connected."""
        if not self.connected:
            raise Transient("broker_unreachable")
        data = payload.encode() if isinstance(payload, str) else payload
        self.published.append(Published(topic=topic, payload=data, qos=qos, retain=retain))
        await asyncio.sleep(0)
        if topic in self._answers:
            self._answers[topic](data)


def _matches(wanted: str, topic: str) -> bool:
    """MQTT topic filter match, with `+` and a closing `#`."""
    levels, parts = wanted.split("/"), topic.split("/")
    if levels[-1] == "#":
        levels, parts = levels[:-1], parts[: len(levels) - 1]
    return len(levels) == len(parts) and all(a in ("+", b) for a, b in zip(levels, parts, strict=True))
