"""The pages and the alerts of a hub that runs."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager

from aiohttp import ClientSession

from gateway.config.secrets import read_token
from gateway.errors import Transient
from services.hub.alerts.limits import limits_of
from services.hub.alerts.watch import Watch
from services.hub.alerts.webhook import Messenger
from services.hub.app.updates import Updates, downloads_of
from services.hub.app.ways import utc_now
from services.hub.app.weather import Weather
from services.hub.auth.auth import Auth
from services.hub.auth.limits import ADDRESS, Lockout
from services.hub.config.settings import HubSettings
from services.hub.door.tls import kept_current
from services.hub.fleet.authority import open_authority
from services.hub.store.hub import HubStore
from services.hub.web.parts import HubParts
from services.hub.web.server import serve


@asynccontextmanager
async def open_pages(
    settings: HubSettings, store: HubStore, weather: Weather, told: Callable[[str], None], updates: Updates
) -> AsyncGenerator[None]:
    """Nothing where there are to be none. The authority is there before any door that believes it opens."""
    at = settings.web
    if at is None:
        yield
        return
    authority = await asyncio.to_thread(open_authority, settings.data_dir / "authority", utc_now())
    files = None if at.tls is None else at.tls.model_dump()
    async with kept_current(files, weather.of("pages")) as tls, Auth(store.database, utc_now) as auth:
        parts = HubParts(
            store=store,
            auth=auth,
            authority=authority,
            now=utc_now,
            keys=lambda: weather.keys,
            enrolling=Lockout(ADDRESS, asyncio.get_running_loop().time),
            registry=updates.registry,
            downloads=await downloads_of(settings, store, updates.registry),
        )
        async with serve(parts, host=at.host, port=at.port, tls=tls) as running:
            told(f"pages at {running.url}/")
            if auth.claim_code is not None:
                told(f"nobody is admin yet: {running.url}/login#code={auth.claim_code}")
            yield


async def watch_homes(settings: HubSettings, store: HubStore, weather: Weather) -> None:
    """Round after round, for as long as the hub runs."""
    watch = Watch(store, store.database, limits_of(settings.alerts))
    tell = weather.of("alerts")
    while True:
        with _told(tell):
            await watch.round(utc_now())
        await asyncio.sleep(settings.alerts.every_s)


async def tell_webhook(settings: HubSettings, store: HubStore, weather: Weather) -> None:
    """What was found, to whoever is to hear of it; returns at once where nobody is. Raises `Refused` where the
    credential cannot be read."""
    hook = settings.alerts.webhook
    if hook is None:
        return
    key = await asyncio.to_thread(read_token, hook.credential, settings.secrets_dir)
    tell = weather.of("webhook")
    async with ClientSession() as http:
        messenger = Messenger(store.database, http, str(hook.url), key)
        while True:
            with _told(tell):
                await messenger.tell(utc_now)
            await asyncio.sleep(settings.alerts.every_s)


@contextlib.contextmanager
def _told(tell: Callable[[str | None], None]) -> Generator[None]:
    try:
        yield
    except Transient as error:
        tell(error.key)
    else:
        tell(None)
