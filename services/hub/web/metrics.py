"""GET /metrics: the fleet in numbers, for Prometheus, with a program's token or a session."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from aiohttp import hdrs, web

from gateway.wire.exposition import CONTENT_TYPE, Family, exposition
from services.hub.fleet.homes import all_homes
from services.hub.store import alerts
from services.hub.store.alerts import Alert
from services.hub.store.words import Home, Refusals
from services.hub.web.context import PARTS


async def metrics(request: web.Request) -> web.Response:
    parts = request.app[PARTS]
    at = parts.now()
    async with parts.store.database.transaction() as session:
        standing = await alerts.standing(session)
    refused = await parts.store.refusals(since=at - timedelta(hours=1), until=at + timedelta(hours=1))
    homes = Counter([_state(home) async for home in all_homes(parts.store)])
    text = exposition(families(homes, standing, refused, dict(parts.keys())))
    return web.Response(body=text.encode(), headers={hdrs.CONTENT_TYPE: CONTENT_TYPE})


def families(
    homes: Counter[str], standing: Sequence[Alert], refused: Sequence[Refusals], keys: dict[str, str]
) -> Iterator[Family]:
    """No home is a label: ten thousand of them would be too many series."""
    states = [("", {"state": state}, float(homes[state])) for state in ("online", "offline", "revoked")]
    yield Family(name="hearthgate_hub_homes", kind="gauge", help="Homes by what they are now.", samples=states)
    counts = Counter((alert.kind, alert.level) for alert in standing)
    raised = [("", {"kind": kind, "level": level}, float(count)) for (kind, level), count in sorted(counts.items())]
    yield Family(name="hearthgate_hub_alerts", kind="gauge", help="Alerts that stand.", samples=raised)
    by_key: Counter[str] = Counter()
    for one in refused:
        by_key[one.key] += one.count
    lost = [("", {"key": key}, float(count)) for key, count in sorted(by_key.items())]
    yield Family(name="hearthgate_hub_refused", kind="gauge", help="Refused within the last hours.", samples=lost)
    trouble = [("", {"part": part, "key": key}, 1.0) for part, key in sorted(keys.items())]
    yield Family(name="hearthgate_hub_trouble", kind="gauge", help="What is not well; always 1.", samples=trouble)


def _state(home: Home) -> str:
    if home.revoked is not None:
        return "revoked"
    return "online" if home.online else "offline"
