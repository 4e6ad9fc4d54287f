"""A source of given items."""

from collections.abc import AsyncGenerator, Sequence
from typing import Generic, TypeVar

from gateway.errors import GatewayError

Item = TypeVar("Item")


class MemorySource(Generic[Item]):
    """Each `stream` is the next of `attempts`: its items in order, where a `GatewayError` among them is raised.
    The last attempt is given again for ever. `open` counts the streams that are open now."""

    def __init__(self, name: str, *attempts: Sequence[Item | GatewayError]) -> None:
        self.name = name
        self.open = 0
        self._attempts = attempts
        self._next = 0

    async def stream(self) -> AsyncGenerator[Item, None]:
        items = self._attempts[min(self._next, len(self._attempts) - 1)]
        self._next += 1
        self.open += 1
        try:
            for item in items:
                if isinstance(item, GatewayError):
                    raise item
                yield item
        finally:
            self.open -= 1
