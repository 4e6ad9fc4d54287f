"""Bundles over HTTP, for homes: whole or in part, so that a download goes on where it broke off."""

import asyncio
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO

from aiohttp import web

from gateway.errors import Refused
from services.hub.door.gatekeeper import key_digest
from services.hub.registry import ranges
from services.hub.registry.links import PATH, Links
from services.hub.registry.ranges import Part
from services.hub.registry.registry import Registry
from services.hub.store.contract import Store

BUNDLE = f"{PATH}/{{sha256}}.{{suffix}}"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 18


class Downloads:
    """Who asks is a home by the certificate of its connection or by a link made for it; neither is of use to a home
    that was revoked."""

    def __init__(self, registry: Registry, store: Store, links: Links, now: Callable[[], datetime]) -> None:
        self._registry = registry
        self._store = store
        self._links = links
        self._now = now

    async def hand_out(self, request: web.Request) -> web.StreamResponse:
        """For `BUNDLE`. Raises `Refused`: "home_unknown" (401), "link_invalid", "link_expired" and "revoked" (403),
        "bundle_unknown" and "bundle_missing" (404)."""
        sha256 = request.match_info["sha256"]
        if not _SHA256.fullmatch(sha256):
            raise Refused("bundle_unknown", status=404)
        await self._admit(request, sha256)
        return await self._found(request, sha256)

    async def _admit(self, request: web.Request, sha256: str) -> None:
        gateway = await self._by_link(request, sha256) if "sign" in request.query else await self._by_key(request)
        home = None if gateway is None else await self._store.home(gateway)
        if home is None:
            raise Refused("home_unknown", status=401)
        if home.revoked is not None:
            raise Refused("revoked")

    async def _by_link(self, request: web.Request, sha256: str) -> str:
        query = request.query
        gateway = query.get("home", "")
        self._links.check(gateway, sha256, query.get("end", ""), query["sign"], self._now())
        return gateway

    async def _by_key(self, request: web.Request) -> str | None:
        tls = request.get_extra_info("ssl_object")
        shown = None if tls is None else tls.getpeercert(binary_form=True)
        home = None if shown is None else await self._store.home_of_key(key_digest(shown))
        return None if home is None else home.gateway

    async def _found(self, request: web.Request, sha256: str) -> web.StreamResponse:
        one = await self._registry.find(sha256)
        if one is None or request.match_info["suffix"] != one.kind.suffix:
            raise Refused("bundle_unknown", status=404)
        stream = await asyncio.to_thread(_opened, self._registry.file(one))
        try:
            return await _answer(request, stream, f'"{sha256}"')
        finally:
            stream.close()


def _opened(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except OSError:
        raise Refused("bundle_missing", status=404) from None


async def _answer(request: web.Request, stream: IO[bytes], etag: str) -> web.StreamResponse:
    size = stream.seek(0, 2)
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": "private, max-age=31536000, immutable"}
    if request.headers.get("If-None-Match") in {etag, "*"}:
        return web.Response(status=304, headers=headers)
    try:
        part = ranges.part(request.headers.get("Range"), request.headers.get("If-Range"), etag, size)
    except ValueError:
        return web.Response(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    response = web.StreamResponse(status=200 if part is None else 206, headers=headers)
    response.content_type = "application/octet-stream"
    part = part or ranges.whole(size)
    response.content_length = part.length
    if response.status == 206:
        response.headers["Content-Range"] = part.content_range
    await response.prepare(request)
    if request.method == "GET":
        await _send(response, stream, part)
    await response.write_eof()
    return response


async def _send(response: web.StreamResponse, stream: IO[bytes], part: Part) -> None:
    stream.seek(part.first)
    left = part.length
    while left and (chunk := await asyncio.to_thread(stream.read, min(_CHUNK, left))):
        await response.write(chunk)
        left -= len(chunk)
