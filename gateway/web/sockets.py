"""Open WebSockets by session: a logout or an expiry ends them too, and no session hoards them."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aiohttp import ClientConnectionResetError, WSCloseCode, WSMsgType, web

from gateway.errors import Refused

MOST_PER_SESSION = 24
SEND_S = 15.0
"""A page that takes longer for one message is gone or hopelessly slow; it connects anew."""

Messages = AsyncGenerator[str | bytes, None]


class Sockets:
    """The sockets of this process. `run` is the whole life of one."""

    def __init__(self) -> None:
        self._open: defaultdict[str, set[web.WebSocketResponse]] = defaultdict(set)

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    def check_room(self, session_id: str) -> None:
        """Raises `Refused("too_many_sockets")`, status 429."""
        if len(self._open.get(session_id, ())) >= MOST_PER_SESSION:
            raise Refused("too_many_sockets", status=429, most=MOST_PER_SESSION)

    async def run(
        self, socket: web.WebSocketResponse, session_id: str, seconds_left: float, messages: Messages
    ) -> None:
        """Send `messages` until they end, the page leaves, or the session does. A page has nothing to say: what
        it sends is read only to notice that it left."""
        self._open[session_id].add(socket)
        try:
            async with asyncio.timeout(seconds_left), asyncio.TaskGroup() as group:
                sender = group.create_task(_send(socket, messages), name=f"web-socket-{session_id[:8]}")
                while (await socket.receive()).type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    pass
                sender.cancel()
        except TimeoutError:
            await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"session ended")
        finally:
            self._forget(session_id, socket)

    def _forget(self, session_id: str, socket: web.WebSocketResponse) -> None:
        self._open[session_id].discard(socket)
        if not self._open[session_id]:
            del self._open[session_id]

    async def close_session(self, session_id: str) -> None:
        await _close(list(self._open.get(session_id, ())), WSCloseCode.POLICY_VIOLATION)

    async def close_all(self) -> None:
        everyone = [socket for sockets in self._open.values() for socket in sockets]
        await _close(everyone, WSCloseCode.GOING_AWAY)


async def _send(socket: web.WebSocketResponse, messages: Messages) -> None:
    try:
        async with aclosing(messages):
            async for message in messages:
                async with asyncio.timeout(SEND_S):
                    await (socket.send_str(message) if isinstance(message, str) else socket.send_bytes(message))
    except (ClientConnectionResetError, TimeoutError):
        pass  # the page left or stalled: there is nobody to tell
    await socket.close(code=WSCloseCode.TRY_AGAIN_LATER)


async def _close(sockets: list[web.WebSocketResponse], code: WSCloseCode) -> None:
    await asyncio.gather(*(socket.close(code=code) for socket in sockets))
