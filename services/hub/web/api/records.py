"""What was found wrong, and what was done."""

from aiohttp import web

from gateway.errors import Invalid
from services.hub.store import alerts as kept
from services.hub.store import audit
from services.hub.store.alerts import Alert
from services.hub.web.context import PARTS, Json, answer, before_of, number_of, time_json


async def alerts(request: web.Request) -> web.Response:
    """`state` open (the default): all that stand, oldest first. `state` all: newest first, in pages; of one `home`."""
    state = request.query.get("state", "open")
    if state not in {"open", "all"}:
        raise Invalid("body_invalid", fields={"state": "open or all"})
    async with request.app[PARTS].store.database.transaction() as session:
        if state == "open":
            found = await kept.standing(session)
        else:
            found = await kept.history(
                session,
                limit=number_of(request, "limit", 100),
                before=before_of(request),
                gateway=request.query.get("home"),
            )
    return answer({"alerts": [_alert(one) for one in found]})


def _alert(alert: Alert) -> Json:
    return {
        "id": alert.id,
        "home": alert.gateway,
        "kind": alert.kind,
        "subject": alert.subject,
        "level": alert.level,
        "value": alert.value,
        "raised": time_json(alert.raised),
        "cleared": time_json(alert.cleared),
    }


async def deeds(request: web.Request) -> web.Response:
    """Newest first, in pages."""
    limit, before = number_of(request, "limit", 100), before_of(request)
    async with request.app[PARTS].store.database.transaction() as session:
        found = await audit.deeds(session, limit=limit, before=before)
    shown: list[Json] = [
        {
            "id": one.id,
            "at": time_json(one.at),
            "who": one.who,
            "what": one.what,
            "subject": one.subject,
            "detail": dict(one.detail),
        }
        for one in found
    ]
    return answer({"audit": shown})
