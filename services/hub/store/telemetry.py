"""What the pages ask: rows and roll-ups of one gateway."""

from datetime import date, datetime

from gateway.wire.envelope import ParcelId
from gateway.wire.summary import SUMMARY, Stream
from services.hub.store.database import Session
from services.hub.store.times import date_of, first_of_day, seconds, time_of, time_or_none
from services.hub.store.words import Day, Row

_ROWS = (
    "SELECT epoch, seq, made_ms, taken_ms, data FROM summaries WHERE gateway = $1 AND stream = $2"
    " AND hour >= $3 AND hour < $4 ORDER BY hour, epoch, seq LIMIT $5"
)

_DAYS = (
    "SELECT day, subject, number, rows, total, low, high FROM daily WHERE gateway = $1 AND kind = $2"
    " AND day >= $3 AND day < $4 ORDER BY day, subject, number"
)


async def rows(
    session: Session, gateway: str, stream: Stream, *, since: datetime, until: datetime, limit: int
) -> tuple[Row, ...]:
    found = await session.fetch(_ROWS, gateway, stream.value, seconds(since), seconds(until), limit)
    return tuple(
        Row(
            id=ParcelId(gateway=gateway, stream=stream, epoch=epoch, seq=seq),
            time=time_or_none(made_ms),
            taken=time_of(taken_ms),
            data=SUMMARY.validate_json(data),
        )
        for epoch, seq, made_ms, taken_ms, data in found
    )


async def days(session: Session, gateway: str, kind: str, *, since: date, until: date) -> tuple[Day, ...]:
    found = await session.fetch(_DAYS, gateway, kind, first_of_day(since), first_of_day(until))
    return tuple(
        Day(
            day=date_of(day),
            kind=kind,
            subject=subject,
            number=number,
            rows=count,
            total=total,
            low=low,
            high=high,
        )
        for day, subject, number, count, total, low, high in found
    )
