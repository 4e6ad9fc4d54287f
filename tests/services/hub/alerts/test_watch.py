"""Homes over time, and the alerts that come and go."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.wire.summary import Summary
from gateway.wire.uplink import Hello
from services.hub.alerts.limits import limits_of
from services.hub.alerts.watch import Watch
from services.hub.config.pages import AlertSettings
from services.hub.store import alerts
from services.hub.store.hub import HubStore, database_at
from tests.services.hub.web.homes import EPOCH, dropped, fault, health, hour_before, send, settle
from tests.services.hub.web.site import NOW

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[HubStore]:
    async with HubStore(database_at(tmp_path / "hub.db")) as opened:
        yield opened


async def watched(store: HubStore, at: datetime) -> list[tuple[str, str, str]]:
    """What stands after a round: home, kind, subject."""
    await Watch(store, store.database, limits_of(AlertSettings())).round(at)
    async with store.database.transaction() as session:
        return [(one.gateway, one.kind, one.subject) for one in await alerts.standing(session)]


async def test_a_home_that_falls_silent_and_comes_back(store: HubStore) -> None:
    await settle(store, "home1", NOW)
    await settle(store, "home2", NOW + 2 * HOUR)
    assert await watched(store, NOW + 119 * MINUTE) == []
    assert await watched(store, NOW + 121 * MINUTE) == [("home1", "silent", "")]
    await send(store, "home1", [health(hour_before(NOW))], NOW + 122 * MINUTE)
    assert await watched(store, NOW + 123 * MINUTE) == []


async def test_a_home_that_was_seen_by_a_clock_ahead_is_not_well_for_that(store: HubStore) -> None:
    await settle(store, "home1", NOW + 365 * 24 * HOUR)
    assert await watched(store, NOW) == [("home1", "silent", "")]
    await send(store, "home1", [health(hour_before(NOW))], NOW)
    assert await watched(store, NOW + MINUTE) == []


async def test_one_that_never_came_is_silent_since_it_was_enrolled(store: HubStore) -> None:
    await settle(store, "home1", NOW)
    async with store.database.transaction() as session:
        await session.execute("UPDATE gateways SET seen_ms = NULL")
    assert await watched(store, NOW + 3 * HOUR) == [("home1", "silent", "")]


async def test_a_home_that_was_revoked_is_left_alone(store: HubStore) -> None:
    await settle(store, "home1", NOW)
    assert await watched(store, NOW + 3 * HOUR) == [("home1", "silent", "")]
    await store.revoke("home1", NOW + 3 * HOUR)
    assert await watched(store, NOW + 4 * HOUR) == []


async def test_what_summaries_tell(store: HubStore) -> None:
    hour = hour_before(NOW)
    await settle(store, "home1", NOW)
    await settle(store, "home2", NOW)
    told: list[Summary] = [
        fault(hour, 500.0),
        fault(hour - 3600, 200.0),
        fault(hour, 60.0, room="bath"),
        dropped(hour, 3),
    ]
    await send(store, "home1", [*told, health(hour, disk_free_mb=400.0)], NOW)
    await send(store, "home2", [health(hour)], NOW)
    kind = fault(hour, 1.0).fault.value
    assert sorted(await watched(store, NOW)) == [
        ("home1", "disk_small", ""),
        ("home1", "drops", "events/full"),
        ("home1", "heater_fault", f"hall/{kind}"),
    ]
    later = NOW + 90 * MINUTE
    await send(store, "home1", [health(hour_before(later), disk_free_mb=550.0)], later, first=9)
    assert ("home1", "disk_small", "") in await watched(store, later)
    much_later = NOW + 4 * HOUR
    await send(store, "home1", [health(hour_before(much_later), disk_free_mb=601.0)], much_later, first=10)
    await send(store, "home2", [health(hour_before(much_later))], much_later, first=10)
    assert await watched(store, much_later) == []


async def test_two_gateways_under_one_id_and_refused_messages(store: HubStore) -> None:
    await settle(store, "home1", NOW)
    twin = Hello(online=True, instance="cd" * 16, epoch=EPOCH + 1, version="1.2.0")
    assert (await store.hello("home1", twin, NOW)).key == "duplicate_id"
    assert await watched(store, NOW) == [("home1", "duplicate", "")]
    await store.refuse({("home1", "summary_invalid"): 70, ("home1", "topic_foreign"): 40}, NOW)
    assert ("home1", "refusals", "") in await watched(store, NOW)
    await store.release("home1")
    assert await watched(store, NOW + 1 * MINUTE) == [("home1", "refusals", "")]


async def test_a_second_round_changes_nothing(store: HubStore) -> None:
    await settle(store, "home1", NOW)
    watch = Watch(store, store.database, limits_of(AlertSettings()))
    assert await watch.round(NOW + 3 * HOUR) == 1
    assert await watch.round(NOW + 3 * HOUR) == 0
    async with store.database.transaction() as session:
        assert len(await alerts.history(session, limit=9)) == 1


async def test_every_page_of_homes_is_judged(store: HubStore) -> None:
    for number in range(205):
        await settle(store, f"home{number:03}", NOW)
    assert len(await watched(store, NOW + 3 * HOUR)) == 205
