"""A connection that breaks while it is being made."""

import asyncio
import socket
from typing import Any

import pytest

from gateway.links.connection import Connection


class _Broken(Connection):
    """Its socket is closed after paho asked to write to it, before the loop comes to that."""

    def __init__(self, port: int) -> None:
        self.closed = asyncio.Event()
        super().__init__(
            receive=lambda *_: None,
            host="127.0.0.1",
            port=port,
            identity="gateway",
            will=None,
            username=None,
            password=None,
            tls=None,
            keepalive_s=1,
        )

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        self._loop.call_soon_threadsafe(self._break, sock)
        super()._on_socket_register_write(client, userdata, sock)

    def _break(self, sock: Any) -> None:
        sock.close()
        self.closed.set()


async def test_a_socket_that_is_closed_before_it_was_written_to_disturbs_nobody() -> None:
    disturbed: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: disturbed.append(context))
    with socket.create_server(("127.0.0.1", 0)) as server:
        broken = _Broken(server.getsockname()[1])
        dial = asyncio.create_task(broken.__aenter__())
        async with asyncio.timeout(10):
            await broken.closed.wait()
        dial.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dial
    assert disturbed == []
