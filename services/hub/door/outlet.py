"""What goes out to one client, and no more than it reads."""

import asyncio

from services.hub.door.limits import Limits


class Outlet:
    """`deaf` once it was cut off for not reading."""

    def __init__(self, writer: asyncio.StreamWriter, limits: Limits) -> None:
        self.deaf = False
        self._writer = writer
        self._limits = limits

    def send(self, packet: bytes) -> None:
        transport = self._writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > self._limits.most_unsent:
            self.deaf = True
            transport.abort()
            return
        transport.write(packet)

    async def drain(self) -> None:
        """Raises `TimeoutError` where the client does not read."""
        async with asyncio.timeout(self._limits.send_s):
            await self._writer.drain()

    def close(self) -> None:
        self._writer.close()
