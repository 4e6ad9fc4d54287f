"""The machine underneath: its slots, its updates, and how to go back."""

import asyncio
import re
import socket
from typing import Annotated, Literal

from aiohttp import hdrs, web
from pydantic import Field

from gateway.errors import GatewayError, Invalid, Transient
from gateway.updates.inbox import Upload
from gateway.updates.reasons import CHECKS, because
from gateway.web.context import PARTS, Body, answer, off, read_body
from gateway.web.jsonable import Json
from gateway.web.parts import Underneath
from gateway.wire.update import (
    FactoryReset,
    GoBack,
    Imported,
    Install,
    Look,
    Machine,
    Origin,
    Past,
    Reboot,
    Request,
    Status,
)

MOST_PIECE_BYTES = 4 << 20
_RANGE = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})")

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$")]


class InstallBody(Body):
    """`name` of what was uploaded or lies on a stick; the index names its own."""

    origin: Literal["upload", "stick", "index"]
    name: Name | None = None


class ResetBody(Body):
    sure: str


async def show(request: web.Request) -> web.Response:
    """Asked anew. Where no updater answers "machine" is null and "key" says why, and the rest is told all the same."""
    below = _below(request)
    found: dict[str, Json] = {"machine": None, "key": None}
    try:
        found["machine"] = _json(await below.updater.ask(Status()))
    except GatewayError as error:
        found["key"] = error.key
    uploads = await asyncio.to_thread(below.inbox.uploads)
    found["host"] = socket.gethostname()
    found["checks"] = dict(CHECKS)
    return answer({**found, "failing": list(below.failing()), "inbox": [_upload(one) for one in uploads]})


async def install(request: web.Request) -> web.Response:
    body = await read_body(request, InstallBody)
    if (body.name is None) != (body.origin == "index"):
        raise Invalid("body_invalid", fields=["name"])
    return await _asked(request, Install(origin=Origin(body.origin), name=body.name))


async def look(request: web.Request) -> web.Response:
    return await _asked(request, Look(url=_below(request).index))


async def reboot(request: web.Request) -> web.Response:
    return await _asked(request, Reboot())


async def go_back(request: web.Request) -> web.Response:
    return await _asked(request, GoBack())


async def reset(request: web.Request) -> web.Response:
    """Everything is forgotten at the next start, so the machine's name has to be typed."""
    body, name = await read_body(request, ResetBody), socket.gethostname()
    if body.sure.strip().lower() != name.lower():
        raise Invalid("reset_unsure", name=name)
    return await _asked(request, FactoryReset(sure=name))


async def upload(request: web.Request) -> web.Response:
    """One piece. Raises what `Inbox.put` does, and `Transient("upload_failed")` for what the disk does."""
    inbox, (first, last, total) = _below(request).inbox, _range(request)
    data = await _piece(request)
    if len(data) != last - first + 1:
        raise Invalid("upload_piece")
    try:
        kept = await asyncio.to_thread(inbox.put, request.match_info["name"], first, total, data)
    except OSError as error:
        raise Transient("upload_failed", reason=error.strerror or "unknown") from None
    return answer(_upload(kept))


async def drop(request: web.Request) -> web.Response:
    await asyncio.to_thread(_below(request).inbox.drop, request.match_info["name"])
    return web.Response(status=204)


async def _asked(request: web.Request, wish: Request) -> web.Response:
    machine = await _below(request).updater.ask(wish)
    return answer({"machine": _json(machine)}, status=202)


async def _piece(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MOST_PIECE_BYTES:
            raise Invalid("too_large", status=413)
    return bytes(body)


def _range(request: web.Request) -> tuple[int, int, int]:
    """RFC 9110, section 14.4, as in a partial PUT (14.5)."""
    match = _RANGE.fullmatch(request.headers.get(hdrs.CONTENT_RANGE, ""))
    if match is None:
        raise Invalid("upload_piece")
    return int(match[1]), int(match[2]), int(match[3])


def _json(machine: Machine) -> Json:
    """Beside each key, in words, what it means: "because"; and beside the checks that fail, "ailing"."""
    return {
        **_worded(machine),
        "history": [_worded(past) for past in machine.history],
        "imported": [_worded(file) for file in machine.imported],
        "ailing": [because(key) for key in machine.failing],
    }


def _worded(told: Machine | Past | Imported) -> dict[str, Json]:
    return {**told.model_dump(mode="json"), "because": because(told.key, told.detail) if told.key else None}


def _upload(one: Upload) -> dict[str, Json]:
    return {"name": one.name, "have": one.have, "total": one.total, "sha256": one.sha256}


def _below(request: web.Request) -> Underneath:
    below = request.app[PARTS].machine
    if below is None:
        raise off("machine")
    return below
