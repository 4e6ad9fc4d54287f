"""What homes sent: rows by the hour, roll-ups by the day."""

from datetime import timedelta

from aiohttp import web

from gateway.errors import Invalid
from gateway.wire.summary import STREAM_OF, Stream
from services.hub.web.context import PARTS, Json, answer, gateway_of, number_of, time_json, time_of


async def rows(request: web.Request) -> web.Response:
    """Of one `stream`, of the hours from `since` (a day ago) up to but not including `until` (now); oldest first."""
    parts = request.app[PARTS]
    try:
        stream = Stream(request.query.get("stream", ""))
    except ValueError:
        raise Invalid("stream_unknown") from None
    until = time_of(request, "until", parts.now())
    since = time_of(request, "since", until - timedelta(days=1))
    limit = number_of(request, "limit", 1000, most=10_000)
    found = await parts.store.rows(gateway_of(request), stream, since=since, until=until, limit=limit)
    shown: list[Json] = [
        {
            "id": str(row.id),
            "time": time_json(row.time),
            "taken": time_json(row.taken),
            **row.data.model_dump(mode="json", exclude_none=True),
        }
        for row in found
    ]
    return answer({"rows": shown})


async def days(request: web.Request) -> web.Response:
    """Of one `kind`, the days from `since` (30 ago) up to but not including `until` (tomorrow), in UTC."""
    parts = request.app[PARTS]
    kind = request.query.get("kind", "")
    if kind not in STREAM_OF:
        raise Invalid("kind_unknown")
    until = time_of(request, "until", parts.now() + timedelta(days=1))
    since = time_of(request, "since", until - timedelta(days=31))
    found = await parts.store.days(gateway_of(request), kind, since=since.date(), until=until.date())
    shown: list[Json] = [
        {
            "day": one.day.isoformat(),
            "subject": one.subject,
            "number": one.number,
            "rows": one.rows,
            "total": one.total,
            "low": one.low,
            "high": one.high,
        }
        for one in found
    ]
    return answer({"days": shown})
