"""Who is expected, and the one address that gateways themselves call."""

from aiohttp import web
from pydantic import Field

from gateway.errors import Invalid
from services.hub.auth.limits import network
from services.hub.fleet.enrolment import enrol as let_in
from services.hub.fleet.enrolment import invite
from services.hub.fleet.homes import is_id
from services.hub.fleet.labels import check_labels
from services.hub.store import invitations as kept
from services.hub.web.context import (
    PARTS,
    VISITOR,
    Body,
    Json,
    answer,
    gateway_of,
    note,
    read_body,
    time_json,
)


class NewInvitation(Body):
    home: str
    labels: dict[str, str] = Field(default_factory=dict)


class Enrol(Body):
    token: str
    request: str


async def invitations(request: web.Request) -> web.Response:
    """Newest first; the last thousand."""
    async with request.app[PARTS].store.database.transaction() as session:
        found = await kept.invitations(session)
    shown: list[Json] = [
        {
            "home": one.gateway,
            "labels": dict(one.labels),
            "created": time_json(one.created),
            "expires": time_json(one.expires),
            "used": time_json(one.used),
        }
        for one in found
    ]
    return answer({"invitations": shown})


async def add(request: web.Request) -> web.Response:
    """The only time that the token itself is told."""
    body, parts = await read_body(request, NewInvitation), request.app[PARTS]
    if not is_id(body.home):
        raise Invalid("gateway_id")
    labels = check_labels(body.labels)
    token = await invite(parts.store.database, body.home, labels, by=request[VISITOR].name, at=parts.now())
    return answer({"home": body.home, "token": token}, status=201)


async def take_back(request: web.Request) -> web.Response:
    gateway = gateway_of(request)
    async with request.app[PARTS].store.database.transaction() as session:
        await kept.take_back(session, gateway)
        await note(request, session, "invitation_taken_back", gateway)
    return web.Response(status=204)


async def enrol(request: web.Request) -> web.Response:
    """Open: the token is all that a new gateway has. {"home", "certificate", "authority"}, both in PEM."""
    parts, address = request.app[PARTS], network(request.remote)
    parts.enrolling.knock(address)
    body = await read_body(request, Enrol)
    home, certified = await let_in(
        parts.store.database, parts.authority, token=body.token, request=body.request, at=parts.now()
    )
    parts.enrolling.forgive(address)
    return answer({"home": home, "certificate": certified.pem, "authority": parts.authority.pem}, status=201)
