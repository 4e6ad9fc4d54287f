"""Packets out of a stream of bytes, within bounds of size and time."""

import asyncio

from services.hub.door.fields import malformed
from services.hub.door.reasons import Broken, Reason


class Framing:
    """Never holds more than one packet; memory is bounded by `most_bytes` and the reader's own buffer."""

    def __init__(self, reader: asyncio.StreamReader, *, most_bytes: int, body_s: float) -> None:
        self.most_bytes = most_bytes
        self._reader = reader
        self._body_s = body_s

    async def packet(self) -> tuple[int, bytes]:
        """The first byte and the body of the next packet, however long it is in coming.

        Once begun it must be whole within `body_s`. Raises `Broken` ("packet_too_large", "packet_slow",
        "packet_malformed"), and `EOFError` or `OSError` where the connection ends."""
        head = (await self._reader.readexactly(1))[0]
        try:
            async with asyncio.timeout(self._body_s):
                length = await self._length()
                if length > self.most_bytes:
                    raise Broken("packet_too_large", Reason.TOO_LARGE)
                return head, await self._reader.readexactly(length)
        except TimeoutError:
            raise Broken("packet_slow", Reason.SILENT) from None

    async def _length(self) -> int:
        """§2.1.4."""
        value = 0
        for place in range(4):
            byte = (await self._reader.readexactly(1))[0]
            value |= (byte & 0x7F) << (7 * place)
            if not byte & 0x80:
                return value
        raise malformed()
