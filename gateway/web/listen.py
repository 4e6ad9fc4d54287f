"""Where the page listens: at an address of its own, or on sockets that were opened for it."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ssl import SSLContext

from aiohttp import hdrs, web

_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared with, not listened on
_HTTPS = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Listening sockets of another's making. With TLS the page is on `https`, and `http` leads there; without it the
    page is on `http`."""

    https: Sequence[socket.socket] = ()
    http: Sequence[socket.socket] = ()


async def listen_on(page: web.AppRunner, handed: Handed, tls: SSLContext | None) -> web.AppRunner | None:
    """Returns the runner of what leads to the page, to be cleaned up as well."""
    for one in handed.https if tls is not None else handed.http:
        await web.SockSite(page, one, ssl_context=tls).start()
    if tls is None or not handed.https or not handed.http:
        return None
    port = int(handed.https[0].getsockname()[1])
    leading = web.AppRunner(_leading_to(port), access_log=None, handle_signals=False)
    await leading.setup()
    for one in handed.http:
        await web.SockSite(leading, one).start()
    return leading


def _leading_to(port: int) -> web.Application:
    """Only what a person opens is led on: a form that was posted in the open has been read by then."""

    async def lead(request: web.Request) -> web.Response:
        host = request.url.host
        if host is None:
            raise web.HTTPBadRequest
        place = f"[{host}]" if ":" in host else host
        shown = place if port == _HTTPS else f"{place}:{port}"
        return web.Response(
            status=308, headers={hdrs.LOCATION: f"https://{shown}{request.rel_url}", hdrs.CACHE_CONTROL: "no-store"}
        )

    app = web.Application()
    app.router.add_get("/{path:.*}", lead)
    return app


def local_url(runner: web.AppRunner, tls: SSLContext | None) -> str:
    """Where this machine itself finds the page."""
    host, port = runner.addresses[0][:2]
    return f"{'https' if tls else 'http'}://{shown(_WILDCARDS.get(host, host))}:{port}/"


def shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
