"""What the hub says, handed to whoever it concerns."""

from collections.abc import Callable, Sequence

from gateway.errors import Invalid
from gateway.flow.board import Counters

Handler = Callable[[bytes], None]
"""Called within the loop with the payload of a stranger; must not block, and may raise `Invalid`."""


class Heard:
    """Handlers by full topic. Counter: "uplink.invalid", what could not be read."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._handlers: dict[str, list[Handler]] = {}

    @property
    def topics(self) -> Sequence[str]:
        return list(self._handlers)

    def on(self, topic: str, handler: Handler) -> None:
        self._handlers.setdefault(topic, []).append(handler)

    def receive(self, topic: str, payload: bytes, _retained: bool) -> None:
        for handler in self._handlers.get(topic, ()):
            try:
                handler(payload)
            except Invalid:
                self._counters.add("uplink.invalid")
