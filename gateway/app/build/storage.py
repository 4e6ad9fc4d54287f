"""Everything durable."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from gateway.app.build.base import Base, Beat
from gateway.app.recorder import written
from gateway.config.settings import Retention, Settings
from gateway.store.climate import KEPT_DAYS, ClimateLog
from gateway.store.database import Database
from gateway.store.departures import Departures
from gateway.store.events import EventLog
from gateway.store.journal import Journal
from gateway.store.keyvalue import KeyValue
from gateway.store.media import MediaStore
from gateway.store.people import PeopleTable
from gateway.store.retention import forget_strangers
from gateway.store.rollouts import Corrections, RolloutTable
from gateway.types import Stamp

RETAIN_EVERY_S = 600.0
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    events: EventLog
    journal: Journal
    people: PeopleTable
    remember: KeyValue
    media: MediaStore
    rollouts: RolloutTable
    corrections: Corrections
    climate: ClimateLog
    departures: Departures


async def open_storage(stack: AsyncExitStack, settings: Settings, base: Base) -> Storage:
    """Raises `Refused` where the data directory cannot be used."""
    folder, keep = settings.gateway.data_dir, settings.retention
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = await stack.enter_async_context(
        Database(folder / "hearthgate.db", report=base.board.report, counters=base.counters)
    )
    media = await stack.enter_async_context(
        MediaStore(
            folder / "media",
            keep.media_mb << 20,
            keep.media_days * DAY_S,
            reserve_bytes=keep.reserve_mb << 20,
            counters=base.counters,
        )
    )
    return Storage(
        events=EventLog(database),
        journal=Journal(database),
        people=PeopleTable(database),
        remember=KeyValue(database),
        media=media,
        rollouts=RolloutTable(database),
        corrections=Corrections(database),
        climate=ClimateLog(database),
        departures=Departures(database),
    )


async def retain(storage: Storage, settings: Settings, base: Base, beat: Beat) -> None:
    """A service: let go of what is too old or too much, every ten minutes."""
    while True:
        beat()
        now = base.clock.now()
        await written("retention", _retain(storage, now, settings.retention), base.counters)
        await base.clock.sleep(RETAIN_EVERY_S)


async def _retain(storage: Storage, now: Stamp, keep: Retention) -> None:
    oldest = now.wall - timedelta(days=keep.events_days)
    await forget_strangers(storage.events, storage.media, now.wall - timedelta(hours=keep.strangers_hours))
    await storage.media.retain(now)
    await storage.events.trim(oldest)
    await storage.journal.trim(oldest)
    await storage.climate.trim(now.wall - timedelta(days=KEPT_DAYS))
