"""Live pictures: fMP4 over a WebSocket, JPEGs for everything that cannot play that."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from aiohttp import ClientConnectionResetError, hdrs, web

from gateway.errors import Invalid, Transient
from gateway.web.api.updates import run_socket
from gateway.web.context import PARTS, SESSION, SOCKETS, answer, unknown
from gateway.web.jsonable import state_json
from gateway.web.parts import LiveView

MJPEG_PAUSE_S = 0.5
STILLS_ONLY = "image/jpeg"
_BOUNDARY = "hearthgate"


async def listing(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    states = parts.board.all()
    cameras = []
    for name, view in parts.cameras.items():
        state = states.get(f"camera/{name}")
        cameras.append({"name": name, "mime": view.mime, "state": state_json(state) if state else None})
    return answer({"cameras": cameras})


async def live(request: web.Request) -> web.StreamResponse:
    """First a text, the MIME type with its codec; then binary fMP4. The text "image/jpeg" says that this camera
    has single pictures only. Closed with 1013 when there is no stream (any more): come back later."""
    view = _camera(request)
    request.app[SOCKETS].check_room(request[SESSION].id)
    return await run_socket(request, _stream(view))


async def _stream(view: LiveView) -> AsyncGenerator[str | bytes, None]:
    if view.mime is None:
        if await view.jpeg() is not None:
            yield STILLS_ONLY
        return
    yield view.mime
    async with aclosing(view.fragments()) as fragments:
        async for fragment in fragments:
            yield fragment


async def frame(request: web.Request) -> web.Response:
    picture = await _camera(request).jpeg(_width(request))
    if picture is None:
        raise Transient("camera_no_picture")
    return web.Response(body=picture, content_type="image/jpeg")


async def mjpeg(request: web.Request) -> web.StreamResponse:
    """Two pictures a second for as long as the page looks and the session lasts; a camera without a picture is
    waited for."""
    view, width = _camera(request), _width(request)
    parts, session = request.app[PARTS], request[SESSION]
    response = web.StreamResponse()
    response.content_type = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"
    await response.prepare(request)
    try:
        while parts.auth.seconds_left(session) > 0:
            if picture := await view.jpeg(width):
                await response.write(_part(picture))
            await parts.clock.sleep(MJPEG_PAUSE_S)
    except ClientConnectionResetError:
        pass  # the page has left, which is how this always ends
    return response


def _part(picture: bytes) -> bytes:
    head = f"--{_BOUNDARY}\r\n{hdrs.CONTENT_TYPE}: image/jpeg\r\n{hdrs.CONTENT_LENGTH}: {len(picture)}\r\n\r\n"
    return head.encode() + picture + b"\r\n"


def _camera(request: web.Request) -> LiveView:
    view = request.app[PARTS].cameras.get(request.match_info["name"])
    if view is None:
        raise unknown("camera")
    return view


def _width(request: web.Request) -> int:
    try:
        asked = int(request.query.get("width", "640"))
    except ValueError:
        raise Invalid("width_invalid") from None
    return min(1920, max(64, asked))
