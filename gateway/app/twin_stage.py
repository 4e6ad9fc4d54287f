"""The twin in the running gateway: wishes come in over the uplink, what came of them goes back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from gateway.errors import ConfigError, GatewayError, Invalid
from gateway.flow.board import Counters
from gateway.uplink.twin.twin import Twin
from gateway.wire.uplink import Desired, Reported, dump, load

DESIRED, REPORTED = "twin/desired", "twin/reported"

log = logging.getLogger(__name__)


class Link(Protocol):
    """What of the uplink's connection is needed here."""

    def on_message(self, suffix: str, handler: Callable[[bytes], None]) -> None: ...

    def on_connected(self, hook: Callable[[], Awaitable[None]]) -> None: ...

    async def publish(self, suffix: str, payload: bytes, *, retain: bool = False) -> None: ...


class TwinStage:
    """Counters: "twin.wishes", "twin.invalid", "twin.untold". Of several wishes that wait only the newest counts."""

    def __init__(self, twin: Twin, link: Link, counters: Counters) -> None:
        self._twin = twin
        self._link = link
        self._counters = counters
        self._wish: Desired | None = None
        self._news = asyncio.Event()
        link.on_message(DESIRED, self._hear)
        link.on_connected(self._report)

    async def run(self, _beat: Callable[[], None]) -> None:
        """Until it is cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            wish, self._wish = self._wish, None
            if wish is not None:
                await self._grant(wish)

    def _hear(self, raw: bytes) -> None:
        if not raw:  # the hub has nothing to wish for any more
            return
        try:
            wish: Desired = load(Desired, raw)
        except Invalid:
            self._counters.add("twin.invalid")
            return
        self._counters.add("twin.wishes")
        if self._wish is None or wish.version > self._wish.version:
            self._wish = wish
            self._news.set()

    async def _grant(self, wish: Desired) -> None:
        try:
            reported = await asyncio.to_thread(self._twin.desire, wish)
            await self._tell(reported)
        except (ConfigError, GatewayError) as error:  # the file is being edited, or the disk is full
            log.error("the hub's wish %d was not taken: %s", wish.version, error)

    async def _report(self) -> None:
        try:
            reported = await asyncio.to_thread(self._twin.reported)
            await self._tell(reported)
        except (ConfigError, GatewayError) as error:  # summaries go on whatever becomes of a report
            self._counters.add("twin.untold")
            log.error("settings cannot be reported: %s", error)

    async def _tell(self, reported: Reported) -> None:
        await self._link.publish(REPORTED, dump(reported))
