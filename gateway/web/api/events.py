"""What happened, its pictures, and why something was done."""

from pathlib import PurePosixPath

from aiohttp import hdrs, web

from gateway.errors import Invalid
from gateway.store.journal import Chain, Entry
from gateway.types import Kind
from gateway.web.context import PARTS, Body, answer, off, page_of, read_body, unknown
from gateway.web.jsonable import Json, command_json, event_json, outcome_json
from gateway.web.parts import Journal

_PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


async def listing(request: web.Request) -> web.Response:
    """Newest first; `kind`, `source`, `limit`, `before` in the query."""
    log = request.app[PARTS].events
    if log is None:
        raise off("events")
    limit, before = page_of(request)
    found = await log.recent(limit, before, _kind(request), request.query.get("source") or None)
    return answer({"events": [event_json(event) for event in found]})


def _kind(request: web.Request) -> Kind | None:
    asked = request.query.get("kind")
    if not asked:
        return None
    try:
        return Kind(asked)
    except ValueError:
        raise Invalid("kind_invalid", known=[kind.value for kind in Kind]) from None


class Correction(Body):
    wrong: bool


async def correct(request: web.Request) -> web.Response:
    """Somebody says that an event is wrong, or right after all: a model on trial is judged by it too."""
    parts = request.app[PARTS]
    if parts.corrections is None:
        raise off("corrections")
    body = await read_body(request, Correction)
    await parts.corrections.add(request.match_info["id"], wrong=body.wrong, at=parts.clock.now().wall)
    return web.Response(status=204)


async def media(request: web.Request) -> web.Response:
    """A picture of the media store; the store knows no folders, and nothing is served as a page."""
    store, name = request.app[PARTS].media, request.match_info["name"]
    if store is None:
        raise off("media")
    body = await store.get(name)
    if body is None:
        raise unknown("picture")
    kind = _PICTURES.get(PurePosixPath(name).suffix.lower())
    headers = {hdrs.CACHE_CONTROL: "private, max-age=86400, immutable"}
    if kind is None:
        headers[hdrs.CONTENT_DISPOSITION] = "attachment"
    return web.Response(body=body, content_type=kind or "application/octet-stream", headers=headers)


async def commands(request: web.Request) -> web.Response:
    limit, before = page_of(request)
    entries = await _journal(request).recent(limit, before)
    return answer({"commands": [_entry(one) for one in entries]})


async def why(request: web.Request) -> web.Response:
    """From the first cause to the device's answer: events oldest first, the rule's sentence, command, outcome."""
    chain = await _journal(request).why(request.match_info["id"])
    if chain is None:
        raise unknown("command")
    return answer(_chain(chain))


def _entry(entry: Entry) -> dict[str, Json]:
    return {**command_json(entry.command), "outcome": outcome_json(entry.outcome) if entry.outcome else None}


def _chain(chain: Chain) -> dict[str, Json]:
    return {
        "events": [event_json(event) for event in chain.events],
        "sentence": chain.sentence,
        "command": command_json(chain.command),
        "outcome": outcome_json(chain.outcome) if chain.outcome else None,
    }


def _journal(request: web.Request) -> Journal:
    journal = request.app[PARTS].journal
    if journal is None:
        raise off("journal")
    return journal
