"""Telling the hub how campaigns get on, until it has heard."""

import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from gateway.errors import GatewayError
from gateway.wire.uplink import Progress, dump

PROGRESS = "campaign/progress"
AGAIN_S = 60.0
"""After so long without a receipt a word is said again."""

log = logging.getLogger(__name__)


class Link(Protocol):
    """What of the uplink's connection is needed here; see `gateway.uplink.transports.mqtt.MqttTransport`."""

    def on_message(self, suffix: str, handler: Callable[[bytes], None]) -> None: ...

    def on_connected(self, hook: Callable[[], Awaitable[None]]) -> None: ...

    async def publish(self, suffix: str, payload: bytes, *, retain: bool = False) -> None: ...


class Teller:
    def __init__(self, link: Link) -> None:
        self._link = link
        self._said: dict[Progress, float] = {}
        """When each word was said."""
        link.on_connected(self._connected)

    async def tell(self, words: Collection[Progress], at_s: float) -> None:
        """What has not been said on this connection, or too long ago; `at_s` grows. Without a connection nothing."""
        self._said = {word: said for word, said in self._said.items() if word in words}
        for word in words:
            if word not in self._said or at_s - self._said[word] >= AGAIN_S:
                self._said[word] = at_s
                try:
                    await self._link.publish(PROGRESS, dump(word))
                except GatewayError as error:  # it is said at the next connection
                    log.info("campaign %d: not told yet: %s", word.campaign, error)
                    return

    async def _connected(self) -> None:
        self._said.clear()
