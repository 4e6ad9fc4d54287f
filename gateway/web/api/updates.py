"""The one socket that tells a page what has changed."""

from contextlib import aclosing

from aiohttp import web

from gateway.web.context import PARTS, SESSION, SOCKETS
from gateway.web.sockets import Messages


async def stream(request: web.Request) -> web.StreamResponse:
    """JSON texts {"kind", "data"}: "event", "state", "command", "outcome", "reading", "climate"; "hello" first;
    "resync" when this page was too slow and must fetch anew."""
    request.app[SOCKETS].check_room(request[SESSION].id)
    return await run_socket(request, _messages(request))


async def _messages(request: web.Request) -> Messages:
    async with aclosing(request.app[PARTS].hub.messages()) as updates:
        yield '{"kind": "hello"}'
        async for update in updates:
            yield update


async def run_socket(request: web.Request, messages: Messages) -> web.StreamResponse:
    """Open the socket and send until one side ends it."""
    session = request[SESSION]
    socket = web.WebSocketResponse(heartbeat=20, max_msg_size=1024, compress=False)
    await socket.prepare(request)
    left_s = request.app[PARTS].auth.seconds_left(session)
    await request.app[SOCKETS].run(socket, session.id, left_s, messages)
    return socket
