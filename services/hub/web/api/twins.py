"""Wishes for the settings of homes, and what the homes say came of them."""

from aiohttp import web
from pydantic import Field

from gateway.wire.document import Document
from services.hub.fleet.homes import all_homes
from services.hub.fleet.labels import Group, check_labels
from services.hub.twins.patches import differences
from services.hub.twins.twins import Twins
from services.hub.web.context import PARTS, VISITOR, Body, answer, gateway_of, read_body, time_json


class Wish(Body):
    patch: Document


class WishOfMany(Body):
    """To the homes with all of `labels`, and of those to the `share` by `salt`."""

    patch: Document = Field(min_length=1)
    labels: dict[str, str] = Field(default_factory=dict)
    share: float = Field(default=1.0, gt=0, le=1)
    salt: str = Field(default="", max_length=64)


async def one(request: web.Request) -> web.Response:
    """What is wished, what the home reports, and what of the wishes is not so."""
    twin = await _twins(request).twin(gateway_of(request))
    told = twin.reported
    found = differences(twin.version, twin.patch, told)
    return answer(
        {
            "version": twin.version,
            "patch": dict(twin.patch),
            "reported": None if told is None else told.model_dump(mode="json"),
            "reported_at": time_json(twin.reported_at),
            "differences": [
                {"path": each.path, "wished": each.wished, "reported": each.reported, "key": each.key} for each in found
            ],
        }
    )


async def wish(request: web.Request) -> web.Response:
    """`patch` is laid over what is wished: null leaves a setting to the home again."""
    patch = (await read_body(request, Wish)).patch
    await _twins(request).wish(gateway_of(request), patch, by=request[VISITOR].name)
    return await one(request)


async def replace(request: web.Request) -> web.Response:
    """`patch` is wished and nothing else."""
    patch = (await read_body(request, Wish)).patch
    await _twins(request).replace(gateway_of(request), patch, by=request[VISITOR].name)
    return await one(request)


async def wish_of_many(request: web.Request) -> web.Response:
    """At once and without looking back, unlike a campaign; each home is a transaction and a line of the audit."""
    body = await read_body(request, WishOfMany)
    group = Group(labels=check_labels(body.labels), share=body.share, salt=body.salt)
    twins, wished = _twins(request), 0
    async for home in all_homes(request.app[PARTS].store):
        if home.revoked is None and group.holds(home.gateway, home.enrolment.labels):
            await twins.wish(home.gateway, body.patch, by=request[VISITOR].name)
            wished += 1
    return answer({"homes": wished})


def _twins(request: web.Request) -> Twins:
    parts = request.app[PARTS]
    return Twins(parts.store.database, parts.now)
