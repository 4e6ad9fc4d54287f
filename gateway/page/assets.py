"""A page's files, read once: only names that were found then are ever served."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from gateway.errors import Refused

_TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
    "json": "application/manifest+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    body: bytes
    content_type: str
    tag: str


def read_assets(package: str, folder: str) -> Mapping[str, Asset]:
    """The files of `ui/<folder>`, those that all pages share and those of `package`, by their path within it."""
    return dict(one for place in ("gateway.page", package) for one in _walk(files(place).joinpath("ui", folder), ""))


def _walk(place: Traversable, prefix: str) -> list[tuple[str, Asset]]:
    found: list[tuple[str, Asset]] = []
    for child in place.iterdir():
        name = f"{prefix}{child.name}"
        if child.is_dir():
            found += _walk(child, f"{name}/")
        elif (kind := _TYPES.get(name.rpartition(".")[2])) is not None:
            body = child.read_bytes()
            tag = hashlib.sha256(body).hexdigest()[:32]
            found.append((name, Asset(body=body, content_type=kind, tag=tag)))
    return found


def serve_assets(assets: Mapping[str, Asset]) -> Handler:
    """For a route with `{name}`; 304 while the page has the same bytes."""

    async def handler(request: web.Request) -> web.Response:
        return _give(request, assets.get(request.match_info["name"]))

    return handler


def serve_page(asset: Asset) -> Handler:
    """One document, whatever the path."""

    async def handler(request: web.Request) -> web.Response:
        return _give(request, asset)

    return handler


def _give(request: web.Request, asset: Asset | None) -> web.Response:
    if asset is None:
        raise Refused("not_found", status=404, what="file")
    headers = {hdrs.ETAG: f'"{asset.tag}"', hdrs.CACHE_CONTROL: "no-cache"}
    if request.headers.get(hdrs.IF_NONE_MATCH) == headers[hdrs.ETAG]:
        return web.Response(status=304, headers=headers)
    return web.Response(body=asset.body, content_type=asset.content_type, charset="utf-8", headers=headers)
