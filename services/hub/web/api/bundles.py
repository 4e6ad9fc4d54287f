"""Models and images: what the registry has, and how more comes in and moves on."""

from collections.abc import AsyncIterator, Mapping, Sequence

from aiohttp import web

from services.hub.registry.images import about_of
from services.hub.registry.kinds import Kind, line_of
from services.hub.registry.registry import Channel, Listed
from services.hub.registry.shelf_rows import Shelved
from services.hub.web.context import PARTS, VISITOR, Body, Json, answer, read_body, time_json

_CHUNK = 1 << 18


class Promote(Body):
    channel: Channel


async def models(request: web.Request) -> web.Response:
    """By id, newest serial first, with the channels that hold each."""
    return answer({"models": await _listed(request, Kind.MODEL)})


async def images(request: web.Request) -> web.Response:
    """By board, newest first, with the channels that hold each."""
    return answer({"images": await _listed(request, Kind.IMAGE)})


async def add_model(request: web.Request) -> web.Response:
    """The body is the bundle itself."""
    one = await request.app[PARTS].registry.add_model(_body(request), by=request[VISITOR].name)
    return answer(_shown(one, [Channel.DEV]), status=201)


async def add_image(request: web.Request) -> web.Response:
    """The body is the bundle itself; `board`, `version` and, where it is to be checked, `sha256` are in the query."""
    about = about_of(dict(request.query))
    one = await request.app[PARTS].registry.add_image(_body(request), about, by=request[VISITOR].name)
    return answer(_shown(one, [Channel.DEV]), status=201)


async def promote_model(request: web.Request) -> web.Response:
    return await _promote(request, Kind.MODEL)


async def promote_image(request: web.Request) -> web.Response:
    return await _promote(request, Kind.IMAGE)


async def remove(request: web.Request) -> web.Response:
    """It is handed out no more, and campaigns for it end."""
    await request.app[PARTS].registry.remove(request.match_info["sha256"], by=request[VISITOR].name)
    return web.Response(status=204)


async def _promote(request: web.Request, kind: Kind) -> web.Response:
    """Into `channel`, what the one before it holds."""
    channel = (await read_body(request, Promote)).channel
    line = line_of(kind, request.match_info["name"])
    one = await request.app[PARTS].registry.promote(line, channel, by=request[VISITOR].name)
    return answer(_shown(one, [channel]))


def _body(request: web.Request) -> AsyncIterator[bytes]:
    """As it comes in, so that nobody holds all of it."""
    return request.content.iter_chunked(_CHUNK)


async def _listed(request: web.Request, kind: Kind) -> Sequence[Json]:
    found: Sequence[Listed] = await request.app[PARTS].registry.all()
    return [_shown(one.bundle, sorted(one.channels)) for one in found if one.bundle.kind is kind]


def _shown(one: Shelved, channels: Sequence[Channel]) -> Mapping[str, Json]:
    release = one.release
    which: dict[str, Json] = {"board": release.name}
    if one.kind is Kind.MODEL:
        which = {"model": release.name, "serial": release.serial}
    return {
        **which,
        "version": release.version,
        "bytes": one.bytes,
        "sha256": one.sha256,
        "added": time_json(one.added),
        "channels": [channel.value for channel in channels],
    }
