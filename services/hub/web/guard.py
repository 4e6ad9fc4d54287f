"""Before any handler: who asks, from which page, and may they. After it: errors in one shape, safe headers."""

import hmac
import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from gateway.errors import GatewayError, Refused
from services.hub.auth import tokens
from services.hub.auth.auth import Visitor
from services.hub.store.operators import Rank
from services.hub.web.context import API, COOKIE, CSRF_HEADER, PARTS, TOKEN, VISITOR, refusal

_LOG = logging.getLogger("hearthgate.hub")
_SAFE_METHODS = {hdrs.METH_GET, hdrs.METH_HEAD}

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Server": "Hearthgate",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    if request.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error as {"key", "message", "facts"}. A bug stays a bug: aiohttp logs it and answers 500."""
    try:
        return await handler(request)
    except GatewayError as error:
        if error.status >= 500:
            _LOG.warning("%s %s: %s", request.method, request.path, error)
        return refusal(error)
    except web.HTTPNotFound:
        return refusal(Refused("not_found", status=404))
    except web.HTTPMethodNotAllowed as error:
        return refusal(Refused("method_not_allowed", status=405, allowed=sorted(error.allowed_methods)))
    except web.HTTPRequestEntityTooLarge:
        return refusal(Refused("too_large", status=413))
    except web.RequestPayloadError:  # it broke off, or is not encoded as it says
        return refusal(Refused("upload_broken", status=400))


def make_guard(needs: Mapping[tuple[str, str], Rank], open_routes: Mapping[str, bool]) -> Middleware:
    """`needs` by method and canonical path; what is in neither is for whoever is signed in. `open_routes` need nobody;
    True where a browser could be tricked into it, so that it must come from our own page."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        canonical = "" if resource is None else resource.canonical
        changes = request.method not in _SAFE_METHODS
        if canonical in open_routes:
            if changes and open_routes[canonical]:
                _check_origin(request)
            return await handler(request)
        visitor = await _identify(request, changes=changes)
        if visitor is None:
            return _turn_away(request)
        needed = needs.get((request.method, canonical), Rank.VIEWER)
        if not visitor.rank.reaches(needed):
            raise Refused("rank_needed", rank=needed.value)
        request[VISITOR] = visitor
        return await handler(request)

    return guard


async def _identify(request: web.Request, *, changes: bool) -> Visitor | None:
    """A program by its token, which no browser adds by itself; a person by the cookie, and then by page and origin."""
    auth = request.app[PARTS].auth
    header = request.headers.get(hdrs.AUTHORIZATION)
    if header is not None:
        return await auth.by_bearer(header, address=request.remote)
    token = request.cookies.get(COOKIE)
    visitor = await auth.by_session(token)
    if visitor is None or token is None:
        return None
    request[TOKEN] = token
    if changes:
        _check_origin(request)
        given = request.headers.get(CSRF_HEADER, "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, tokens.csrf(token).encode()):
            raise Refused("csrf_token_wrong")
    return visitor


def _check_origin(request: web.Request) -> None:
    """The scheme is not compared: a proxy in front may speak https where we speak http."""
    try:
        origin = urlsplit(request.headers.get(hdrs.ORIGIN, "")).netloc
    except ValueError:  # "http://["
        origin = ""
    if not origin or origin.lower() != request.host.lower():
        raise Refused("origin_wrong")


def _turn_away(request: web.Request) -> web.StreamResponse:
    """A person is led to the door; a program is told."""
    program = request.path.startswith((f"{API}/", "/ui/", "/metrics"))
    if program or request.method != hdrs.METH_GET:
        raise Refused("login_needed", status=401)
    return web.Response(status=302, headers={hdrs.LOCATION: "/login"})
