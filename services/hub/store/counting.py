"""What was refused, by gateway, key and hour: the only trace that hostile input leaves."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from services.hub.store.database import Session
from services.hub.store.times import hour_of, seconds
from services.hub.store.words import NOBODY, Refusals

_COUNT = (
    "INSERT INTO refusals (hour, gateway, key, count) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (hour, gateway, key) DO UPDATE SET count = refusals.count + excluded.count"
)


async def count_refusals(
    session: Session, counts: Mapping[tuple[str, str], int], enrolled: Collection[str], at: datetime
) -> None:
    """`counts` by (gateway, key). The names of strangers are not kept: they would fill the table."""
    known: Counter[tuple[str, str]] = Counter()
    for (gateway, key), count in counts.items():
        known[gateway if gateway in enrolled else NOBODY, key] += count
    hour = hour_of(at)
    if known:
        await session.execute_many(_COUNT, [(hour, *which, count) for which, count in sorted(known.items())])


async def refusals(session: Session, since: datetime, until: datetime) -> tuple[Refusals, ...]:
    rows = await session.fetch(
        "SELECT hour, gateway, key, count FROM refusals WHERE hour >= $1 AND hour < $2 ORDER BY 1, 2, 3",
        seconds(since),
        seconds(until),
    )
    return tuple(Refusals(hour=hour, gateway=gateway, key=key, count=count) for hour, gateway, key, count in rows)
