"""The little that is asked of storage here."""

from typing import Protocol


class KeyValue(Protocol):
    """Durable once `set` has returned."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str) -> None: ...
