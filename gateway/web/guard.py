"""Before any handler: who asks, from which page, and may they. After it: errors in one shape, safe headers."""

import hmac
import logging
from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from gateway.errors import GatewayError, Refused
from gateway.web.auth.sessions import csrf_token
from gateway.web.context import API, COOKIE, CSRF_HEADER, PARTS, SESSION, TOKEN, refusal

log = logging.getLogger(__name__)

_SAFE_METHODS = {hdrs.METH_GET, hdrs.METH_HEAD}

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Server": "Hearthgate",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """A signal handler, so that streams and WebSockets get them too. Not among them is Strict-Transport-Security: our
    certificate is self-signed, and a browser that was told to be strict lets nobody past a renewed one."""
    response.headers.update(_HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error as {"key", "message", "facts"}. A bug stays a bug: aiohttp logs it and answers 500."""
    try:
        return await handler(request)
    except GatewayError as error:
        if error.status >= 500:
            log.warning("%s %s: %s", request.method, request.path, error)
        return refusal(error)
    except web.HTTPNotFound:
        return refusal(Refused("not_found", status=404, what="page"))
    except web.HTTPMethodNotAllowed as error:
        return refusal(Refused("method_not_allowed", status=405, allowed=sorted(error.allowed_methods)))
    except web.HTTPRequestEntityTooLarge:
        return refusal(Refused("too_large", status=413))


def make_guard(open_routes: Collection[str]) -> Middleware:
    """Everything but `open_routes` (canonical paths) needs a session; whatever changes something needs the
    page's own token besides, and whatever a browser could be tricked into needs the right origin."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        changes = request.method not in _SAFE_METHODS
        if changes or _is_websocket(request):
            _check_origin(request)
        resource = request.match_info.route.resource
        if resource is not None and resource.canonical in open_routes:
            return await handler(request)
        if not _identify(request):
            return _turn_away(request)
        if changes and not hmac.compare_digest(
            request.headers.get(CSRF_HEADER, "").encode(), csrf_token(request[TOKEN]).encode()
        ):
            raise Refused("csrf_token_wrong")
        return await handler(request)

    return guard


def _is_websocket(request: web.Request) -> bool:
    return request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"


def _check_origin(request: web.Request) -> None:
    """The scheme is not compared: a proxy in front may speak https where we speak http."""
    origin = urlsplit(request.headers.get(hdrs.ORIGIN, ""))
    if not origin.netloc or origin.netloc.lower() != request.host.lower():
        raise Refused("origin_wrong")


def _identify(request: web.Request) -> bool:
    token = request.cookies.get(COOKIE)
    session = request.app[PARTS].auth.session(token)
    if token is None or session is None:
        return False
    request[SESSION], request[TOKEN] = session, token
    return True


def _turn_away(request: web.Request) -> web.StreamResponse:
    """A person is led to the door; a program is told."""
    if request.path.startswith(f"{API}/") or request.method != hdrs.METH_GET or request.path.startswith("/ui/"):
        raise Refused("login_needed", status=401)
    return web.Response(status=302, headers={hdrs.LOCATION: "/login"})
