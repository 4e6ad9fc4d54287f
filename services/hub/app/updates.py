"""Campaigns, twins and models of a hub that runs."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.hub.app.ways import utc_now
from services.hub.app.weather import Weather
from services.hub.campaigns.campaigns import Campaigns
from services.hub.campaigns.leader import Leader
from services.hub.config.settings import HubSettings
from services.hub.ingest.ingest import Handler
from services.hub.ingest.topics import PROGRESS, REPORTED
from services.hub.ingest.words import Publish
from services.hub.registry.links import Links
from services.hub.registry.registry import Registry
from services.hub.registry.serve import Downloads
from services.hub.registry.shelf import Shelf
from services.hub.store.hub import HubStore
from services.hub.twins.twins import Twins


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """What people and programs work with; the same for the command line and for a hub that runs."""

    campaigns: Campaigns
    twins: Twins
    registry: Registry

    @property
    def handlers(self) -> dict[str, Handler]:
        """What homes say, by the end of its topic."""
        return {REPORTED: self.twins.reported, PROGRESS: self.campaigns.progress}


def updates_of(settings: HubSettings, store: HubStore) -> Updates:
    return Updates(
        campaigns=Campaigns(store.database, utc_now),
        twins=Twins(store.database, utc_now),
        registry=Registry(store.database, Shelf(settings.bundles), utc_now),
    )


async def downloads_of(settings: HubSettings, store: HubStore, registry: Registry) -> Downloads:
    return Downloads(registry, store, await _links(settings, registry), utc_now)


@asynccontextmanager
async def lead(
    settings: HubSettings, store: HubStore, updates: Updates, publish: Publish, weather: Weather
) -> AsyncGenerator[None]:
    """Until the block ends this worker leads, or waits to."""
    links = await _links(settings, updates.registry)
    leader = Leader(store.database, publish, links.link, utc_now)
    async with asyncio.TaskGroup() as tasks:
        leading = tasks.create_task(leader.run(weather.of("campaigns")), name="campaigns")
        yield
        leading.cancel()


async def _links(settings: HubSettings, registry: Registry) -> Links:
    """Without pages there is nothing to fetch from, and homes say so."""
    return await registry.links("https://localhost" if settings.web is None else settings.web.reached_at)
