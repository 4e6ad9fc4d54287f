"""The socket: who may ask, how long, how often. What is asked is a line of JSON, see `gateway.wire.update`."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gateway.wire.update import MOST_BYTES, Machine, Reply, Request
from services.updater.answers import Desk

IDLE_S = 60.0
"""For how long a connection may say nothing."""
MOST_CONNECTIONS = 16
_REQUEST: TypeAdapter[Request] = TypeAdapter(Request)
_CREDENTIALS = struct.Struct("3i")


def bound(path: Path) -> socket.socket:
    """A socket of our own, for whoever may write to it by its rights. One that a former process left is replaced."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    listening.bind(str(path))
    path.chmod(0o660)
    return listening


class Server:
    """Answers those whose user is in `allowed`; the kernel says who they are."""

    def __init__(self, desk: Desk, allowed: Collection[int]) -> None:
        self._desk, self._allowed = desk, frozenset(allowed)
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @asynccontextmanager
    async def listening(self, on: socket.socket) -> AsyncGenerator[None]:
        """Until the block ends; then connections are closed too."""
        # Not start_unix_server: since Python 3.13 it removes the file, which is systemd's, when it ends.
        server = await asyncio.start_server(self._serve, sock=on, limit=MOST_BYTES)
        try:
            yield
        finally:
            server.close()
            for writer in self._open.values():
                writer.transport.abort()
            await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if _peer(writer) not in self._allowed or len(self._open) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        self._open[task] = writer
        try:
            while raw := await _line(reader):
                writer.write(await self._reply(raw))
                async with asyncio.timeout(IDLE_S):
                    await writer.drain()
        except (OSError, TimeoutError):  # whoever asked is gone, or does not listen
            pass
        finally:
            del self._open[task]
            writer.close()

    async def _reply(self, raw: bytes) -> bytes:
        try:
            reply = await self._desk.answer(_REQUEST.validate_json(raw))
        except ValidationError:
            reply = Reply(machine=await self._desk.machine(), key="request_invalid")
        return dumped(reply)


def dumped(reply: Reply) -> bytes:
    """A line within the bound; the oldest of what is told at length is left out where it must be."""
    while len(raw := reply.model_dump_json(exclude_none=True).encode() + b"\n") > MOST_BYTES:
        reply = reply.model_copy(update={"machine": _shorter(reply.machine)})
    return raw


def _shorter(machine: Machine) -> Machine:
    if len(machine.history) >= len(machine.imported):
        return machine.model_copy(update={"history": machine.history[:-1]})
    return machine.model_copy(update={"imported": machine.imported[:-1]})


async def _line(reader: asyncio.StreamReader) -> bytes:
    """Empty at the end: who is silent, breaks off or does not come to an end is not answered."""
    try:
        async with asyncio.timeout(IDLE_S):
            raw = await reader.readuntil()
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
        return b""
    return raw


def _peer(writer: asyncio.StreamWriter) -> int:
    """The user at the other end (unix(7), SO_PEERCRED)."""
    raw = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _pid, uid, _gid = _CREDENTIALS.unpack(raw)
    return int(uid)
