"""One connection of made-up gateways: as much of MQTT 5 as they need, and cheap enough for ten thousand at once."""

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Self

from services.hub.door.answers import packet
from services.hub.door.fields import Fields, text, u16
from services.hub.door.framing import Framing

_CONNACK, _PUBLISH, _PUBACK = 2, 3, 4
_PATIENCE_S = 60.0
_MOST_BYTES = 1_000_000
_IN_FLIGHT = 1000

Hear = Callable[[str, bytes], None]
"""Called with topic and payload of a receipt."""


class Line:
    """`listen` is the filter of the receipts; raises `OSError` or `EOFError` where the broker does not let it in."""

    def __init__(self, port: int, name: str, *, listen: str | None, hear: Hear) -> None:
        self._port = port
        self._name = name
        self._listen = listen
        self._hear = hear
        self._mid = 0
        self._room = asyncio.Semaphore(_IN_FLIGHT)

    async def __aenter__(self) -> Self:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._framing = Framing(reader, most_bytes=_MOST_BYTES, body_s=_PATIENCE_S)
        self._writer.write(packet(0x10, text("MQTT") + b"\x05\x02" + u16(0) + b"\0" + text(self._name)))
        head, body = await self._framing.packet()
        if head >> 4 != _CONNACK or body[1]:
            raise ConnectionRefusedError
        if self._listen is not None:
            self._writer.write(packet(0x82, u16(1) + b"\0" + text(self._listen) + b"\0"))
        self._reading = asyncio.create_task(self._read(), name="line")
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError, EOFError):
            await self._reading
        self._writer.close()

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """At QoS 1; waits while a thousand are not acknowledged."""
        await self._room.acquire()
        self._mid = self._mid % 65_535 + 1
        self._writer.write(packet(0x33 if retain else 0x32, text(topic) + u16(self._mid) + b"\0" + payload))
        await self._writer.drain()

    async def _read(self) -> None:
        while True:
            head, body = await self._framing.packet()
            if head >> 4 == _PUBACK:
                self._room.release()
            elif head >> 4 == _PUBLISH:
                fields = Fields(body)
                topic = fields.text()
                fields.take(fields.varint())
                self._hear(topic, fields.rest())
