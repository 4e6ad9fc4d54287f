"""The door of the embedded broker: who may enter, how much at a time, and who is shown out.

`amqtt` checks a password only after it has thrown out the session of the same client id, keeps rejected
sessions for ever, reads packets of up to 256 MB into memory, and never disconnects a client that went
silent. So a client is let in here first, and only then handed over.
"""

import asyncio
import contextlib
import hmac
from collections.abc import Mapping

from amqtt.adapters import BufferReader, ReaderAdapter, StreamWriterAdapter
from amqtt.errors import AMQTTError, MQTTError, NoDataError
from amqtt.mqtt.connect import ConnectPacket

PACKET_LIMIT = 2 * 1024 * 1024
"""Bytes; a client that sends more in one packet is disconnected."""

_CONNECT_LIMIT = 16 * 1024
_ENTER_S = 10.0
_DRAIN_S = 10.0
_SILENT_READS = 2  # amqtt gives up a read after one keepalive; MQTT 3.1.1 [3.1.2-24] allows one and a half
_CONNECT = 0x10
_MQTT_3_1_1 = 4
_BAD_PROTOCOL, _BAD_USER = 1, 5  # MQTT 3.1.1, table 3.1


async def admit(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, users: Mapping[str, str]
) -> "BoundedReader | None":
    """Read CONNECT and check user and password. None (and the door is shut) for whoever may not enter."""
    try:
        async with asyncio.timeout(_ENTER_S):
            head = await _read_connect(reader)
            connect = await ConnectPacket.from_stream(BufferReader(head))
    except (TimeoutError, ValueError, EOFError, OSError, AMQTTError, MQTTError, NoDataError):
        return None
    if connect.proto_level != _MQTT_3_1_1:
        await _turn_away(writer, _BAD_PROTOCOL)
        return None
    if not _known(users, connect.username, connect.password):
        await _turn_away(writer, _BAD_USER)
        return None
    return BoundedReader(head, reader)


async def _read_connect(reader: asyncio.StreamReader) -> bytes:
    """The bytes of the first packet; raises ValueError when it is no CONNECT or too long."""
    head = await reader.readexactly(1)
    if head[0] != _CONNECT:
        raise ValueError("not CONNECT")
    length = shift = 0
    while True:
        head += (byte := await reader.readexactly(1))
        length |= (byte[0] & 0x7F) << shift
        shift += 7
        if not byte[0] & 0x80:
            break
        if length > _CONNECT_LIMIT or shift > 21:
            raise ValueError("too long")
    if length > _CONNECT_LIMIT:
        raise ValueError("too long")
    return head + await reader.readexactly(length)


def _known(users: Mapping[str, str], name: str | None, password: str | None) -> bool:
    """Takes the same time for a wrong name and a wrong password."""
    expected = users.get(name or "", "")
    same = hmac.compare_digest(expected.encode(), (password or "").encode())
    return same and bool(expected)


async def _turn_away(writer: asyncio.StreamWriter, code: int) -> None:
    with contextlib.suppress(OSError):
        writer.write(bytes((0x20, 2, 0, code)))
        await writer.drain()


class BoundedReader(ReaderAdapter):  # type: ignore[misc]  # amqtt is untyped
    """Replays the CONNECT packet, then reads on; ends the connection of a client that is silent or floods."""

    def __init__(self, head: bytes, reader: asyncio.StreamReader) -> None:
        self._head = head
        self._reader = reader
        self._silent = 0
        self._over = False

    async def read(self, n: int = -1) -> bytes:
        """Exactly `n` bytes. Raises ConnectionResetError from then on to make the broker let go of the client:
        once is not enough, amqtt would take what follows for the next packet."""
        if self._head:
            chunk, self._head = self._head[:n], self._head[n:]
            return chunk
        self._over = self._over or n > PACKET_LIMIT or self._silent >= _SILENT_READS
        if self._over:
            raise ConnectionResetError
        try:
            chunk = await self._reader.readexactly(n)
        except asyncio.CancelledError:
            self._silent += 1
            raise
        self._silent = 0
        return chunk

    def feed_eof(self) -> None:
        self._reader.feed_eof()


class BoundedWriter(StreamWriterAdapter):  # type: ignore[misc]  # amqtt is untyped
    """A client that does not take what it subscribed to is cut off, so that nothing piles up for it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        super().__init__(writer)
        self._transport = writer.transport

    async def drain(self) -> None:
        try:
            async with asyncio.timeout(_DRAIN_S):
                await super().drain()
        except TimeoutError:
            self._transport.abort()
            raise ConnectionResetError from None

    async def close(self) -> None:
        try:
            async with asyncio.timeout(_DRAIN_S):
                await super().close()
        except (TimeoutError, OSError):
            self._transport.abort()
