"""Live pushes: one publisher side for the app, one bounded queue a page."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator

from gateway.flow.board import Counters
from gateway.web.jsonable import Pushable, jsonable

RESYNC = json.dumps({"kind": "resync"})
"""Sent in place of messages that a slow page missed: it fetches anew."""


class Broadcast:
    """`publish` may be called from any thread and never blocks. A page that does not keep up loses what it
    did not take, counted as `web.updates_dropped`, and is told to fetch anew."""

    def __init__(self, counters: Counters, *, size: int = 256) -> None:
        self._counters = counters
        self._size = size
        self._loop = asyncio.get_running_loop()
        self._pages: set[_Page] = set()

    @property
    def listeners(self) -> int:
        return len(self._pages)

    def publish(self, kind: str, payload: Pushable) -> None:
        """`kind` is "event", "state", "command", "outcome", "reading" or "climate" (`wire.climate.status_json`)."""
        if not self._pages:
            return
        message = json.dumps({"kind": kind, "data": jsonable(payload)})
        try:
            self._loop.call_soon_threadsafe(self._spread, message)
        except RuntimeError:  # the loop is closed: no page is left to tell
            self._counters.add("web.updates_dropped")

    def _spread(self, message: str) -> None:
        for page in self._pages:
            if missed := page.put(message, self._size):
                self._counters.add("web.updates_dropped", missed)

    async def messages(self) -> AsyncGenerator[str, None]:
        """JSON texts from now on; close the generator to leave."""
        page = _Page()
        self._pages.add(page)
        try:
            while True:
                yield await page.take()
        finally:
            self._pages.discard(page)


class _Page:
    def __init__(self) -> None:
        self._items: deque[str] = deque()
        self._filled = asyncio.Event()

    def put(self, message: str, size: int) -> int:
        """How many messages the page has lost by this."""
        missed = 0
        if len(self._items) >= size:
            missed = len(self._items) + 1
            self._items.clear()
            message = RESYNC
        self._items.append(message)
        self._filled.set()
        return missed

    async def take(self) -> str:
        await self._filled.wait()
        message = self._items.popleft()
        if not self._items:
            self._filled.clear()
        return message
