"""Roll-ups, retention and partitions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.errors import Transient
from gateway.types.climate import Alarm
from gateway.wire.summary import HOUR_S, HeaterFault, Stream
from services.hub.store import alerts, audit
from services.hub.store.contract import Store
from services.hub.store.hub import HubStore, database_at
from services.hub.store.locks import Lock
from services.hub.store.upkeep import Retention
from services.hub.store.words import Day
from tests.services.hub.postgresql import Cluster
from tests.services.hub.store.fleet import HOUR, NOON, delivery, device, energy, kept_seqs, settle

TODAY = NOON.date()
DAY = timedelta(days=1)
NIGHT = datetime(2026, 3, 11, 1, tzinfo=UTC)
"""An hour after the end of `TODAY`."""


@pytest.fixture
async def short(where: str) -> AsyncIterator[HubStore]:
    """Keeps hours for 40 days and roll-ups for 100."""
    async with HubStore(database_at(where), Retention(hours=40 * DAY, days=100 * DAY)) as opened:
        yield opened


async def energy_of(store: Store, day: date = TODAY, gateway: str = "home-a") -> list[tuple[int, float, float, float]]:
    found = await store.days(gateway, "energy", since=day, until=day + DAY)
    return [(one.rows, one.total, one.low, one.high) for one in found]


async def test_hours_become_days(store: Store) -> None:
    await settle(store, "home-a", "home-b")
    await store.take([delivery(1, energy(1.5)), delivery(2, energy(0.5, hour=HOUR + HOUR_S))], NOON)
    await store.take([delivery(3, energy(0.25, thing="pump")), delivery(1, gateway="home-b")], NOON)
    await store.take([delivery(4, energy(9.0, hour=HOUR + 12 * HOUR_S))], NOON)
    await store.upkeep(NIGHT)
    assert await store.days("home-a", "energy", since=TODAY, until=TODAY + DAY) == (
        Day(day=TODAY, kind="energy", subject="boiler", number="kwh", rows=2, total=2.0, low=0.5, high=1.5),
        Day(day=TODAY, kind="energy", subject="pump", number="kwh", rows=1, total=0.25, low=0.25, high=0.25),
    )
    assert await energy_of(store, gateway="home-b") == [(1, 0.25, 0.25, 0.25)]


async def test_only_numbers_are_summed_up(store: Store) -> None:
    await settle(store, "home-a")
    await store.take([delivery(1, device(7))], NOON)
    await store.upkeep(NIGHT)
    (day,) = await store.days("home-a", "device_health", since=TODAY, until=TODAY + DAY)
    assert (day.subject, day.number, day.total) == ("probe", "readings", 7.0)


async def test_each_fault_of_a_room_is_summed_up_by_itself(store: Store) -> None:
    await settle(store, "home-a")
    faults = [
        delivery(seq, HeaterFault(hour=HOUR, room="hall", fault=fault, seconds=60.0 * seq))
        for seq, fault in enumerate((Alarm.SENSOR_STUCK, Alarm.RELAY_STUCK_ON, Alarm.SENSOR_STUCK), 1)
    ]
    await store.take(faults, NOON)
    await store.upkeep(NIGHT)
    days = await store.days("home-a", "heater_fault", since=TODAY, until=TODAY + DAY)
    assert {one.subject: one.total for one in days} == {"hall/sensor_stuck": 240.0, "hall/relay_stuck_on": 120.0}


async def test_a_day_is_left_alone_until_it_has_ended(store: Store) -> None:
    await settle(store, "home-a")
    await store.take([delivery(1)], NOON)
    early = await store.upkeep(NIGHT - timedelta(minutes=1))
    assert (early.days_rolled_up, await energy_of(store)) == (0, [])


async def test_what_comes_late_is_added_by_the_next_round(store: Store) -> None:
    await settle(store, "home-a")
    await store.take([delivery(1, energy(1.0))], NOON)
    await store.upkeep(NIGHT)
    await store.take([delivery(2, energy(2.0))], NIGHT + 7 * DAY)
    await store.upkeep(NIGHT + 7 * DAY)
    assert await energy_of(store) == [(2, 3.0, 1.0, 2.0)]


async def test_rolling_up_twice_changes_nothing(store: Store) -> None:
    await settle(store, "home-a")
    await store.take([delivery(1, energy(1.0))], NOON)
    await store.upkeep(NIGHT)
    await store.take([delivery(1, energy(1.0))], NIGHT + DAY)
    await store.upkeep(NIGHT + DAY)
    assert await energy_of(store) == [(1, 1.0, 1.0, 1.0)]


async def test_days_are_caught_up_after_the_hub_was_off(store: Store) -> None:
    await settle(store, "home-a")
    for number in range(3):
        await store.take([delivery(number + 1, energy(hour=HOUR + number * 24 * HOUR_S))], NOON + number * DAY)
    await store.upkeep(NIGHT)
    upkept = await store.upkeep(NIGHT + 9 * DAY)
    assert upkept.days_rolled_up == 9
    assert [len(await energy_of(store, TODAY + number * DAY)) for number in range(4)] == [1, 1, 1, 0]


async def test_hours_go_by_age_and_days_stay_and_nothing_comes_back(short: Store) -> None:
    await settle(short, "home-a")
    await short.upkeep(NOON)
    await short.take([delivery(1, energy(1.0))], NOON)
    await short.upkeep(NIGHT)
    later = NIGHT + 80 * DAY
    await short.upkeep(later)
    assert await kept_seqs(short) == []
    again = await short.take([delivery(1, energy(1.0))], later)
    late = await short.take([delivery(2, energy(5.0))], later)
    await short.upkeep(later)
    assert (again.fresh, len(again.kept), late.fresh) == (0, 1, 1)
    assert await energy_of(short) == [(1, 1.0, 1.0, 1.0)], "what is left of a day whose hours are gone is not redone"
    await short.upkeep(NIGHT + 101 * DAY)
    assert await energy_of(short) == []


async def test_an_hour_far_from_any_clock_is_kept_and_goes_by_when_it_came(short: Store) -> None:
    await settle(short, "home-a")
    await short.upkeep(NOON)
    odd = [delivery(1, energy(hour=0)), delivery(2, energy(hour=HOUR_S * 10**6))]
    taken = await short.take(odd, NOON)
    assert taken.fresh == 2
    await short.upkeep(NOON + 30 * DAY)
    assert len(await short.rows("home-a", Stream.ENERGY, since=datetime(1970, 1, 1, tzinfo=UTC), until=NOON)) == 1
    upkept = await short.upkeep(NOON + 80 * DAY)
    assert upkept.rows_dropped == 2
    assert len(await short.rows("home-a", Stream.ENERGY, since=datetime(1970, 1, 1, tzinfo=UTC), until=NOON)) == 0


async def test_a_clock_that_was_wrong_for_a_while_takes_nothing_away(short: Store) -> None:
    """A board without one comes up in 1970; what it takes meanwhile is of today all the same."""
    new_year = datetime(1970, 1, 2, tzinfo=UTC)
    await settle(short, "home-a", at=new_year)
    await short.upkeep(new_year)
    await short.take([delivery(1)], new_year)
    first = await short.upkeep(NOON)
    await short.upkeep(NOON + DAY)
    assert await kept_seqs(short) == [1]
    assert await energy_of(short) == [(1, 0.25, 0.25, 0.25)]
    assert len(first.partitions_made) <= 5


async def test_a_clock_that_ran_ahead_for_a_while_leaves_no_day_out(store: Store) -> None:
    await settle(store, "home-a")
    await store.take([delivery(1)], NOON - 3 * DAY)
    await store.upkeep(NOON + 300 * DAY)
    await store.upkeep(NOON)
    await store.take([delivery(2, energy(hour=HOUR + 24 * HOUR_S))], NOON + DAY)
    await store.upkeep(NIGHT + DAY)
    assert await energy_of(store, TODAY + DAY) == [(1, 0.25, 0.25, 0.25)]


async def test_refusals_go_by_age(short: Store) -> None:
    await short.refuse({("who", "payload_not_json"): 1}, NOON)
    await short.upkeep(NOON + 30 * DAY)
    assert len(await short.refusals(since=NOON, until=NOON + DAY)) == 1
    await short.upkeep(NOON + 80 * DAY)
    assert await short.refusals(since=NOON, until=NOON + DAY) == ()


async def until_taken(store: Store, seq: int) -> None:
    """A month that is attached just now is weather."""
    while True:
        try:
            await store.take([delivery(seq, energy(1.0))], NOON + 3 * DAY)
        except Transient:
            continue
        return


async def test_upkeep_goes_on_beside_taking(store: Store) -> None:
    await settle(store, "home-a")
    batches = [until_taken(store, seq) for seq in range(1, 41)]
    rounds = [store.upkeep(NOON + 3 * DAY) for _ in range(4)]
    await asyncio.gather(*batches[:20], *rounds, *batches[20:])
    await store.upkeep(NOON + 3 * DAY)
    assert await energy_of(store) == [(40, 40.0, 1.0, 1.0)]


@pytest.mark.integration
async def test_months_are_made_ahead_and_take_in_what_was_odd(postgresql: Cluster, dsn: str) -> None:
    async with HubStore(database_at(dsn), Retention(hours=40 * DAY)) as store:
        await settle(store, "home-a")
        await store.take([delivery(1), delivery(2, energy(hour=HOUR + 60 * 24 * HOUR_S))], NOON)
        made = await store.upkeep(NOON)
        again = await store.upkeep(NOON)
        later = await store.upkeep(NOON + 60 * DAY)
        await store.take([delivery(3, energy(hour=HOUR + 60 * 24 * HOUR_S))], NOON + 60 * DAY)
        assert made.partitions_made == tuple(f"summaries_2026_{month:02}" for month in (2, 3, 4, 5))
        assert again.partitions_made == again.partitions_dropped == ()
        assert later.partitions_made == ("summaries_2026_06", "summaries_2026_07")
        assert later.partitions_dropped == ("summaries_2026_02",)
        schema = dsn.rpartition("=")[2]
        rows = postgresql.psql(f"SELECT tableoid::regclass, seq FROM {schema}.summaries ORDER BY seq")
        assert [row.rpartition(".")[2] for row in rows.splitlines()] == [
            "summaries_2026_03|1",
            "summaries_2026_05|2",
            "summaries_2026_05|3",
        ]


async def test_it_waits_for_nobody_who_leads_something_else(store: HubStore) -> None:
    await settle(store, "home-a")
    await store.take([delivery(1)], NOON)
    async with AsyncExitStack() as others:
        for lock in set(Lock) - {Lock.UPKEEP, Lock.MIGRATION}:
            assert await others.enter_async_context(store.database.alone(lock)), lock
        assert (await store.upkeep(NIGHT)).days_rolled_up == 1


async def test_the_audit_and_past_alerts_go_in_time(store: HubStore) -> None:
    async with store.database.transaction() as session:
        for at in (NOON, NOON + 300 * DAY):
            await audit.note(session, who="ida", what="home_revoked", subject=f"{at:%j}", at=at)
            for kind in ("drops", "silent"):
                await alerts.raise_alert(
                    session, gateway="home-a", kind=f"{kind}_{at:%j}", subject="", level="warning", value=1.0, at=at
                )
        for one in await alerts.standing(session):
            if one.kind.startswith("drops"):
                await alerts.clear_alert(session, one.id, one.raised + DAY)
    await store.upkeep(NOON + 402 * DAY)
    async with store.database.transaction() as session:
        assert [deed.at for deed in await audit.deeds(session, limit=9)] == [NOON + 300 * DAY]
        left = [one.kind for one in await alerts.history(session, limit=9)]
    assert left == ["silent_004", "drops_004", "silent_069"], "what stands stays, however old"
