"""`hearthgate-hub run`: the store, what writes to it, and one way in."""

import asyncio
import contextlib
import signal
from collections.abc import Callable

from gateway.errors import GatewayError, Transient
from gateway.wire.systemd import feed_watchdog, notify
from services.hub.app.pages import open_pages, tell_webhook, watch_homes
from services.hub.app.updates import lead, updates_of
from services.hub.app.ways import join_workers, open_door, utc_now
from services.hub.app.weather import Weather
from services.hub.config.settings import HubSettings
from services.hub.ingest.batcher import Batcher
from services.hub.store.contract import Store
from services.hub.store.hub import HubStore, database_at
from services.hub.store.upkeep import Retention

_DRAIN_S = 10.0


def store_of(settings: HubSettings) -> HubStore:
    if settings.database is None:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = settings.retention
    retention = Retention(hours=kept.summaries, days=kept.rollups, records=kept.records)
    return HubStore(database_at(settings.store), retention)


async def run(settings: HubSettings, told: Callable[[str], None]) -> None:
    """Until SIGTERM or SIGINT. `told` gets a line once it is open. Raises `GatewayError` where it cannot begin."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with store_of(settings) as store:
        try:
            await serve(settings, store, stop, told)
        except BaseExceptionGroup as several:
            raise _only_expected(several) from several


async def serve(settings: HubSettings, store: HubStore, stop: asyncio.Event, told: Callable[[str], None]) -> None:
    """Until `stop`; then nothing more is taken, and what was taken is written and answered."""
    weather = Weather()
    async with asyncio.TaskGroup() as tasks:
        aside = [tasks.create_task(feed_watchdog(), name="watchdog")]
        aside.append(tasks.create_task(keep_up(store, settings.upkeep_s, weather), name="upkeep"))
        aside.append(tasks.create_task(watch_homes(settings, store, weather), name="alerts"))
        aside.append(tasks.create_task(tell_webhook(settings, store, weather), name="webhook"))
        updates = updates_of(settings, store)
        if settings.broker is None:
            opening = open_door(settings, store, weather, updates.handlers)
        else:
            opening = join_workers(settings, store, weather, updates.handlers, tasks)
        async with (
            open_pages(settings, store, weather, told, updates),
            opening as way,
            lead(settings, store, updates, way.publish, weather),
        ):
            writing = tasks.create_task(way.batcher.run(), name="batcher")
            told(way.where)
            notify("READY=1")
            await stop.wait()
            notify("STOPPING=1")
            await _drain(way.batcher, writing)
        for task in aside:
            task.cancel()


def _only_expected(error: BaseException) -> BaseException:
    """What a person can act on stands alone; a bug, or several things at once, stay together."""
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        inner = _only_expected(error.exceptions[0])
        return inner if isinstance(inner, GatewayError) else error
    return error


async def _drain(batcher: Batcher, writing: "asyncio.Task[None]") -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_S):
            await batcher.close()
            await asyncio.wait((writing,))
    writing.cancel()


async def keep_up(store: Store, every_s: float, weather: Weather) -> None:
    tell = weather.of("upkeep")
    while True:
        try:
            await store.upkeep(utc_now())
        except Transient as error:
            tell(error.key)
        else:
            tell(None)
        await asyncio.sleep(every_s)
