"""A link that records what is published and plays the broker's part where a test wants it."""

from collections.abc import Awaitable, Callable

from gateway.errors import Transient
from gateway.flow.board import Counters
from gateway.links.subscription import MqttMessage, Subscription


class RecordingLink:
    def __init__(self) -> None:
        self.connected = True
        self.published: list[tuple[str, str, bool]] = []
        self._hooks: list[Callable[[], Awaitable[None]]] = []
        self._subscriptions: list[Subscription] = []

    async def publish(self, topic: str, payload: bytes | str, *, qos: int = 1, retain: bool = False) -> None:
        if not self.connected:
            raise Transient("broker_unreachable")
        self.published.append((topic, payload.decode() if isinstance(payload, bytes) else payload, retain))

    def subscribe(self, *filters: str, size: int = 256) -> Subscription:
        self._subscriptions.append(Subscription(filters, size, Counters()))
        return self._subscriptions[-1]

    def on_connected(self, hook: Callable[[], Awaitable[None]]) -> None:
        self._hooks.append(hook)

    async def connect(self) -> None:
        self.connected = True
        for hook in self._hooks:
            await hook()

    def arrive(self, topic: str, payload: bytes, *, retained: bool = False) -> None:
        for subscription in self._subscriptions:
            subscription.offer(MqttMessage(topic=topic, payload=payload, retained=retained))

    def taken(self) -> list[tuple[str, str, bool]]:
        """What was published since the last call."""
        published, self.published = self.published, []
        return published


class Memory:
    """Remembers text as the store does."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.values.get(key)

    async def set(self, key: str, value: str) -> None:
        self.values[key] = value
