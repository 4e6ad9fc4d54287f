"""Campaigns as people see and steer them."""

from collections.abc import Mapping

from aiohttp import web

from gateway.errors import Invalid
from services.hub.campaigns import places, rows
from services.hub.campaigns.campaigns import Campaigns
from services.hub.campaigns.plan import plan_of
from services.hub.campaigns.rows import Campaign
from services.hub.campaigns.standing import Standing
from services.hub.web.context import PARTS, VISITOR, Body, Json, answer, number_of, read_body, time_json


class Stop(Body):
    recall: bool = False


async def listing(request: web.Request) -> web.Response:
    """Newest first, the last `limit` (20), each with how many homes stand where."""
    limit = number_of(request, "limit", 20, most=200)
    async with request.app[PARTS].store.database.transaction() as session:
        found = [(one, await places.counts(session, one.number)) for one in (await rows.campaigns(session))[:limit]]
    return answer({"campaigns": [_shown(one, counts) for one, counts in found]})


async def one(request: web.Request) -> web.Response:
    return answer(_shown(*await _campaigns(request).campaign(_number(request))))


async def homes(request: web.Request) -> web.Response:
    """How each home stands, by id."""
    found = await _campaigns(request).homes(_number(request))
    return answer({"homes": [{"home": one.gateway, "state": one.standing.value, "key": one.key} for one in found]})


async def begin(request: web.Request) -> web.Response:
    """The body is the plan itself."""
    if request.content_type != "application/json":
        raise Invalid("body_not_json", status=415)
    try:
        plan = plan_of(await request.json())
    except (ValueError, RecursionError):
        raise Invalid("body_not_json", status=415) from None
    number = await _campaigns(request).begin(plan, by=request[VISITOR].name)
    return answer({"number": number}, status=201)


async def pause(request: web.Request) -> web.Response:
    await _campaigns(request).pause(_number(request), by=request[VISITOR].name)
    return await one(request)


async def resume(request: web.Request) -> web.Response:
    await _campaigns(request).resume(_number(request), by=request[VISITOR].name)
    return await one(request)


async def stop(request: web.Request) -> web.Response:
    """For good; with `recall` what it brought is taken back."""
    body = await read_body(request, Stop)
    await _campaigns(request).stop(_number(request), recall=body.recall, by=request[VISITOR].name)
    return await one(request)


def _campaigns(request: web.Request) -> Campaigns:
    parts = request.app[PARTS]
    return Campaigns(parts.store.database, parts.now)


def _number(request: web.Request) -> int:
    """Raises `Invalid` ("campaign_unknown", status 404)."""
    text = request.match_info["number"]
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise Invalid("campaign_unknown", status=404)
    return int(text)


def _shown(campaign: Campaign, counts: Mapping[Standing, int]) -> Mapping[str, Json]:
    return {
        "number": campaign.number,
        "lane": campaign.plan.lane,
        "plan": campaign.plan.model_dump(mode="json"),
        "state": campaign.state.value,
        "why": campaign.why,
        "recall": campaign.recall,
        "made": time_json(campaign.made),
        "homes": {standing.value: count for standing, count in counts.items()},
    }
