"""The two ways into a hub: its own door, or a worker of somebody else's broker."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.config.secrets import read_credential
from services.hub.app.weather import Weather
from services.hub.broker.tls import FreshContext
from services.hub.broker.worker import Worker
from services.hub.config.settings import BrokerSettings, HubSettings
from services.hub.door.exchange import Exchange
from services.hub.door.gatekeeper import Enrolled
from services.hub.door.limits import Limits
from services.hub.door.server import Door
from services.hub.door.tls import kept_current
from services.hub.door.turned_away import written_down
from services.hub.ingest.batcher import Batcher
from services.hub.ingest.ingest import Handler, Ingest
from services.hub.ingest.words import Publish
from services.hub.store.contract import Store


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    batcher: Batcher
    publish: Publish
    where: str
    """For people."""


@asynccontextmanager
async def open_door(
    settings: HubSettings, store: Store, weather: Weather, handlers: Mapping[str, Handler]
) -> AsyncGenerator[Way]:
    at = settings.door
    exchange = Exchange()
    batcher = Batcher(
        Ingest(store, now=utc_now, handlers=handlers),
        exchange.publish,
        most=settings.batch.most,
        linger_s=settings.batch.linger_s,
        weather=weather.of("store"),
    )
    files = None if at.tls is None else at.tls.model_dump()
    async with kept_current(files, weather.of("door")) as tls:
        door = Door(
            host=at.host,
            port=at.listens_on,
            tls=tls,
            gatekeeper=Enrolled(store),
            intake=batcher,
            exchange=exchange,
            limits=Limits(most_connections=at.most_connections),
        )
        async with written_down(door.counts, store, now=utc_now), door:
            yield Way(batcher=batcher, publish=exchange.publish, where=f"door open at {at.host}:{door.port}")


@asynccontextmanager
async def join_workers(
    settings: HubSettings,
    store: Store,
    weather: Weather,
    handlers: Mapping[str, Handler],
    tasks: asyncio.TaskGroup,
) -> AsyncGenerator[Way]:
    """What hands messages on is one of `tasks`."""
    broker = settings.broker
    assert broker is not None
    worker = await asyncio.to_thread(_connect, broker, settings, weather)
    batcher = Batcher(
        Ingest(store, now=utc_now, handlers=handlers),
        worker.publish,
        most=settings.batch.most,
        linger_s=settings.batch.linger_s,
        patience_s=broker.patience_s,
        weather=weather.of("store"),
    )
    async with worker:
        handing_on = tasks.create_task(worker.run(batcher), name="handing-on")
        yield Way(batcher=batcher, publish=worker.publish, where=f"worker of {broker.host}:{broker.port}")
        handing_on.cancel()


def _connect(broker: BrokerSettings, settings: HubSettings, weather: Weather) -> Worker:
    secret = None if broker.credential is None else read_credential(broker.credential, settings.secrets_dir)
    return Worker(
        host=broker.host,
        port=broker.port,
        tls=None if broker.tls == "off" else FreshContext(broker.tls),
        login=None if secret is None else (secret.user, secret.password),
        group=broker.group,
        receive_maximum=broker.receive_maximum,
        weather=weather.of("broker"),
    )
