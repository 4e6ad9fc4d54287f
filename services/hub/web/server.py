"""The web application and its server."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ssl import SSLContext

from aiohttp import web

from gateway.errors import Refused
from gateway.page.assets import read_assets, serve_assets, serve_page
from services.hub.registry.serve import BUNDLE
from services.hub.web import guard
from services.hub.web.api.enrolment import enrol
from services.hub.web.api.routes import ROUTES
from services.hub.web.context import API, PARTS
from services.hub.web.metrics import metrics
from services.hub.web.parts import HubParts

MOST_BODY_BYTES = 64 << 10

ENROL = "/enrol"
METRICS = "/metrics"
_PAGES = ("/", "/homes/{id}", "/alerts", "/campaigns", "/audit", "/people", "/enrolment")
_DOOR = ("/login", "/door/{name}")


def create_app(parts: HubParts) -> web.Application:
    """Every route. Open are `/login` and its files, the open ones of the API, and `/enrol`
    and `/bundles`, which are for gateways: with a token, and with a link or a certificate."""
    needs = {(route.method, f"{API}{route.path}"): route.rank for route in ROUTES if route.rank is not None}
    opened = {f"{API}{route.path}": True for route in ROUTES if route.rank is None}
    open_routes = {**dict.fromkeys(_DOOR, True), **opened, ENROL: False, BUNDLE: False}
    app = web.Application(
        middlewares=[guard.errors, guard.make_guard(needs, open_routes)], client_max_size=MOST_BODY_BYTES
    )
    app[PARTS] = parts
    app.on_response_prepare.append(guard.add_headers)
    for route in ROUTES:
        app.router.add_route(route.method, f"{API}{route.path}", route.handler)
    app.router.add_post(ENROL, enrol)
    app.router.add_get(METRICS, metrics)
    if parts.downloads is not None:
        app.router.add_get(BUNDLE, parts.downloads.hand_out)
    _add_pages(app)
    return app


def _add_pages(app: web.Application) -> None:
    door, inside = read_assets("services.hub.web", "door"), read_assets("services.hub.web", "app")
    app.router.add_get("/login", serve_page(door["login.html"]))
    app.router.add_get("/door/{name:.+}", serve_assets(door))
    app.router.add_get("/ui/{name:.+}", serve_assets(inside))
    for path in _PAGES:
        app.router.add_get(path, serve_page(inside["index.html"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """`port` is the one that was really bound."""

    port: int
    url: str


@asynccontextmanager
async def serve(
    parts: HubParts, *, host: str = "127.0.0.1", port: int = 0, tls: SSLContext | None = None
) -> AsyncGenerator[Running]:
    """Serve until the block ends. Raises `Refused` ("web_port")."""
    runner = web.AppRunner(
        create_app(parts), access_log=None, handle_signals=False, handler_cancellation=True, shutdown_timeout=2
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port, ssl_context=tls).start()
        except OSError as error:
            raise Refused("web_port", host=host, port=port, reason=error.strerror) from error
        bound = int(runner.addresses[0][1])
        shown = f"[{host}]" if ":" in host else host
        yield Running(port=bound, url=f"{'https' if tls else 'http'}://{shown}:{bound}")
    finally:
        await runner.cleanup()
