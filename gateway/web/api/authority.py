"""Whom a browser and a device have to believe, so that they believe this gateway."""

import asyncio
import re

from aiohttp import hdrs, web

from gateway.web.authority import Authority
from gateway.web.context import PARTS, answer, off

_NOT_OF_A_FILE = re.compile(r"[^A-Za-z0-9]+")


async def show(request: web.Request) -> web.Response:
    """Raises `Refused` ("part_off") where there is none of the house's own, ("page_certificate") where it cannot be
    read."""
    found = await _authority(request)
    return answer({"name": found.name, "until": found.until.date().isoformat(), "sha256": found.sha256})


async def save(request: web.Request) -> web.Response:
    """The certificate as PEM, as phones and computers take it in. Raises as `show`."""
    found = await _authority(request)
    file = _NOT_OF_A_FILE.sub("-", found.name).strip("-").lower() or "authority"
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{file}.crt"'}
    return web.Response(body=found.pem, content_type="application/x-x509-ca-cert", headers=headers)


async def _authority(request: web.Request) -> Authority:
    ask = request.app[PARTS].authority
    found = await asyncio.to_thread(ask) if ask is not None else None
    if found is None:
        raise off("authority")
    return found
