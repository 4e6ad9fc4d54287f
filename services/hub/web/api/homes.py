"""The homes: who is there, how they are, and what an operator may change."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from aiohttp import web

from gateway.errors import Invalid, Refused
from gateway.wire.summary import GatewayHealth, Summary
from services.hub.fleet.homes import all_homes
from services.hub.fleet.labels import Group, check_labels
from services.hub.store import alerts, gateways
from services.hub.store.alerts import Alert
from services.hub.store.recent import recent
from services.hub.store.words import Home
from services.hub.web.context import PARTS, Body, Json, answer, gateway_of, note, number_of, read_body, time_json


class Labels(Body):
    labels: dict[str, str]


async def listing(request: web.Request) -> web.Response:
    """By id; the next page begins `after` the last one."""
    group, limit = _group(request), number_of(request, "limit", 100)
    homes: list[Home] = []
    async for home in all_homes(request.app[PARTS].store, request.query.get("after", "")):
        if group.holds(home.gateway, home.enrolment.labels):
            homes.append(home)
        if len(homes) == limit:
            break
    return answer({"homes": await _shown(request, homes)})


async def one(request: web.Request) -> web.Response:
    return answer((await _shown(request, [await _home(request)]))[0])


async def groups(request: web.Request) -> web.Response:
    """How many homes have each value of each label."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    homes = 0
    async for home in all_homes(request.app[PARTS].store):
        homes += 1
        for key, value in home.enrolment.labels.items():
            counts[key][value] += 1
    return answer(
        {"homes": homes, "labels": {key: dict(sorted(found.items())) for key, found in sorted(counts.items())}}
    )


async def label(request: web.Request) -> web.Response:
    """All labels are replaced."""
    gateway, labels = gateway_of(request), check_labels((await read_body(request, Labels)).labels)
    async with request.app[PARTS].store.database.transaction() as session:
        await gateways.label(session, gateway, labels)
        await note(request, session, "home_labelled", gateway, labels)
    return await one(request)


async def revoke(request: web.Request) -> web.Response:
    """From now on nothing of it is taken."""
    gateway = gateway_of(request)
    async with request.app[PARTS].store.database.transaction() as session:
        await gateways.revoke(session, gateway, request.app[PARTS].now())
        await note(request, session, "home_revoked", gateway)
    return await one(request)


async def release(request: web.Request) -> web.Response:
    """The instance is forgotten: a gateway with a new disk may come at once."""
    gateway = gateway_of(request)
    async with request.app[PARTS].store.database.transaction() as session:
        await gateways.release(session, gateway)
        await note(request, session, "home_released", gateway)
    return await one(request)


def _group(request: web.Request) -> Group:
    """`label` (key=value, as often as wanted), `share` and `salt`."""
    labels = dict(text.partition("=")[::2] for text in request.query.getall("label", []))
    try:
        share = float(request.query.get("share", "1"))
    except ValueError:
        raise Invalid("share_invalid") from None
    if not 0 <= share <= 1:
        raise Invalid("share_invalid")
    return Group(labels=labels, share=share, salt=request.query.get("salt", ""))


async def _home(request: web.Request) -> Home:
    home = await request.app[PARTS].store.home(gateway_of(request))
    if home is None:
        raise Refused("unknown_gateway", status=404)
    return home


async def _shown(request: web.Request, homes: Sequence[Home]) -> list[Json]:
    parts = request.app[PARTS]
    at = parts.now()
    async with parts.store.database.transaction() as session:
        standing = await alerts.standing(session)
        names = [home.gateway for home in homes]
        told = await recent(session, names, ["gateway_health"], since=at - timedelta(hours=3), until=at)
    worst: dict[str, list[Alert]] = {}
    for alert in standing:
        worst.setdefault(alert.gateway, []).append(alert)
    return [home_json(home, told.get(home.gateway, ()), worst.get(home.gateway, ())) for home in homes]


def home_json(home: Home, told: Sequence[Summary], alerts: Sequence[Alert]) -> Mapping[str, Json]:
    health = max((one for one in told if isinstance(one, GatewayHealth)), key=lambda one: one.hour, default=None)
    return {
        "id": home.gateway,
        "labels": dict(home.enrolment.labels),
        "online": home.online,
        "seen": time_json(home.seen),
        "created": time_json(home.created),
        "revoked": time_json(home.revoked),
        "version": home.version,
        "wire": home.wire,
        "by": "certificate" if home.enrolment.key_sha256 else "token",
        "duplicate": time_json(home.duplicate),
        "alerts": [{"kind": one.kind, "subject": one.subject, "level": one.level} for one in alerts],
        "health": None if health is None else health.model_dump(mode="json"),
    }
