"""What was made against what a hub has on its disk, row by row and added up by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import pytest

from gateway.wire.summary import DeviceHealth, Energy, EventCount, Stream
from services.hub.store.hub import HubStore, database_at
from services.hub.store.words import Row
from tests.integration.storm.gateway import GATEWAY
from tests.integration.storm.site import Site

STREAMS = {Stream.DEVICES: "device_health", Stream.EVENTS: "event_count", Stream.ENERGY: "energy"}
_MOST = 10**6

Comparable = TypeVar("Comparable", int, datetime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Of all streams together; all but `made` are to be 0. `disordered` counts summaries that come, by their ids,
    before one that was made earlier, and, where one hub takes all, those that arrived before such a one."""

    made: int
    lost: int
    twice: int
    disordered: int


async def audit(site: Site) -> Verdict:
    """Of a site that has settled."""
    now = datetime.now(UTC)
    last = site.made.read()[0] - 1
    lost = twice = disordered = 0
    async with HubStore(database_at(site.database)) as store:
        await store.upkeep(now)
        for stream, kind in STREAMS.items():
            rows = sorted(await _rows(store, stream, now), key=lambda row: row.id)
            numbers = [_number(row) for row in rows]
            assert set(numbers) <= set(range(1, last + 1)), "nobody made that"
            lost += last - len(set(numbers))
            twice += len(numbers) - len(set(numbers))
            disordered += _turns(numbers) + (_turns([row.taken for row in rows]) if site.in_turn else 0)
            rolled_up, total = await _days(store, kind, now)
            lost += max(0, len(rows) - rolled_up)
            twice += max(0, rolled_up - len(rows))
            assert total == pytest.approx(sum(numbers) / (1000 if stream is Stream.ENERGY else 1))
    return Verdict(made=last * len(STREAMS), lost=lost, twice=twice, disordered=disordered)


async def _rows(store: HubStore, stream: Stream, now: datetime) -> Sequence[Row]:
    week = timedelta(days=7)
    rows = await store.rows(GATEWAY, stream, since=now - week, until=now + week, limit=_MOST)
    assert len(rows) < _MOST
    return rows


async def _days(store: HubStore, kind: str, now: datetime) -> tuple[int, float]:
    """Rows and sum of the one number of `kind`, as the hub added them up."""
    week = timedelta(days=7)
    days = await store.days(GATEWAY, kind, since=(now - week).date(), until=(now + week).date())
    assert len({day.number for day in days}) == 1
    return sum(day.rows for day in days), sum(day.total for day in days)


def _number(row: Row) -> int:
    match row.data:
        case DeviceHealth(readings=number) | EventCount(count=number):
            return number
        case Energy(kwh=kwh):
            return round(kwh * 1000)
    raise AssertionError(f"nobody made {row.data}")


def _turns(values: Sequence[Comparable]) -> int:
    return sum(later < earlier for earlier, later in pairwise(values))
