"""The web application and its server."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ssl import SSLContext

from aiohttp import web

from gateway.page.assets import read_assets, serve_assets, serve_page
from gateway.web import guard
from gateway.web.api import ROUTES
from gateway.web.auth.bearer import BearerDoor
from gateway.web.context import API, PARTS, SOCKETS
from gateway.web.listen import Handed, listen_on, local_url, shown
from gateway.web.metrics import DOOR, metrics
from gateway.web.parts import WebParts
from gateway.web.sockets import Sockets

MOST_BODY_BYTES = 64 << 10
"""Of a JSON body; uploads count their own bytes as they come in."""

_PAGES = ("/", "/climate", "/events", "/people", "/privacy", "/system", "/updates")
_DOOR = ("/login", "/door/{name}")
_METRICS = "/metrics"


def create_app(parts: WebParts) -> web.Application:
    """Every route; `/login`, its files and the open API routes are all that answers without a session;
    /metrics has a door of its own."""
    open_api = {f"{API}{route.path}" for route in ROUTES if route.open}
    app = web.Application(
        middlewares=[guard.errors, guard.make_guard({*_DOOR, _METRICS, *open_api})], client_max_size=MOST_BODY_BYTES
    )
    app[PARTS] = parts
    app[SOCKETS] = Sockets()
    app[DOOR] = BearerDoor(parts.metrics_token, parts.clock)
    app.on_response_prepare.append(guard.add_headers)
    app.on_shutdown.append(_close_sockets)
    for route in ROUTES:
        app.router.add_route(route.method, f"{API}{route.path}", route.handler)
    app.router.add_get(_METRICS, metrics)
    _add_pages(app)
    return app


def _add_pages(app: web.Application) -> None:
    door, inside = read_assets("gateway.web", "door"), read_assets("gateway.web", "app")
    app.router.add_get("/login", serve_page(door["login.html"]))
    app.router.add_get("/door/{name:.+}", serve_assets(door))
    app.router.add_get("/ui/{name:.+}", serve_assets(inside))
    for path in _PAGES:
        app.router.add_get(path, serve_page(inside["index.html"]))


async def _close_sockets(app: web.Application) -> None:
    await app[SOCKETS].close_all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """`port` is the one that was really bound; `local` is where this machine itself finds the page."""

    host: str
    port: int
    url: str
    local: str


@asynccontextmanager
async def serve(
    parts: WebParts,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: SSLContext | None = None,
    handed: Handed | None = None,
) -> AsyncGenerator[Running, None]:
    """Serve until the block ends: on `handed` sockets where they are of use, else at host and port. Raises OSError when
    the address is taken or not ours."""
    runner = web.AppRunner(
        create_app(parts), access_log=None, handle_signals=False, handler_cancellation=True, shutdown_timeout=2
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        if handed is not None and (handed.https if tls else handed.http):
            leading = await listen_on(runner, handed, tls)
            if leading is not None:
                stack.push_async_callback(leading.cleanup)
        else:
            await web.TCPSite(runner, host, port, ssl_context=tls).start()
        at, bound = runner.addresses[0][:2]
        url = f"{'https' if tls else 'http'}://{shown(at if handed else host)}:{bound}/"
        yield Running(host=at if handed else host, port=int(bound), url=url, local=local_url(runner, tls))
