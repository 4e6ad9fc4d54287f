"""Who decided what: the file, the hub, or people of this home, who have the last word."""

import asyncio
from typing import Any

from aiohttp import web

from gateway.errors import ConfigError, Invalid
from gateway.web.context import PARTS, Body, answer, off, read_body
from gateway.web.parts import Choices


class Change(Body):
    patch: dict[str, Any]


async def listing(request: web.Request) -> web.Response:
    """What is not the default, by path."""
    found = await asyncio.to_thread(_choices(request).settings)
    return answer(
        {
            "settings": [
                {"path": one.path, "value": one.value, "origin": one.origin.value, "fixed": one.fixed} for one in found
            ]
        }
    )


async def change(request: web.Request) -> web.Response:
    """A merge patch that wins over the hub from now on; the gateway starts anew with it."""
    body = await read_body(request, Change)
    try:
        await asyncio.to_thread(_choices(request).set, body.patch)
    except ConfigError as error:
        raise _wrong(error) from None
    return web.Response(status=204)


async def release(request: web.Request) -> web.Response:
    try:
        await asyncio.to_thread(_choices(request).release, request.match_info["path"])
    except ConfigError as error:
        raise _wrong(error) from None
    return web.Response(status=204)


def _wrong(error: ConfigError) -> Invalid:
    return Invalid("settings_wrong", problems="; ".join(f"{one.path} {one.message}" for one in error.problems[:5]))


def _choices(request: web.Request) -> Choices:
    choices = request.app[PARTS].choices
    if choices is None:
        raise off("choices")
    return choices
