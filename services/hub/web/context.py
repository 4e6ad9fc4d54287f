"""What handlers share: the parts, who asks, how a body is read and an answer is given."""

import json
from collections.abc import Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.errors import GatewayError, Invalid, Refused
from services.hub.auth.auth import Visitor
from services.hub.fleet.homes import is_id
from services.hub.store import audit
from services.hub.store.database import Session
from services.hub.web.messages import message_of
from services.hub.web.parts import HubParts

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

PARTS = web.AppKey("parts", HubParts)
VISITOR = web.RequestKey("visitor", Visitor)
TOKEN = web.RequestKey("token", str)

COOKIE = "hearthgate_hub"
CSRF_HEADER = "X-Hearthgate-Token"
API = "/api/v1"

_MOST = 1000


class Body(BaseModel):
    """A JSON body: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


AnyBody = TypeVar("AnyBody", bound=Body)


async def read_body(request: web.Request, shape: type[AnyBody]) -> AnyBody:
    """Raises `Invalid` ("body_invalid"), naming the fields but never their values, and "body_not_json"."""
    if request.content_type != "application/json":
        raise Invalid("body_not_json", status=415)
    try:
        return shape.model_validate_json(await request.read())
    except ValidationError as error:
        fields = {".".join(map(str, one["loc"])): one["type"] for one in error.errors(include_url=False)}
        raise Invalid("body_invalid", fields=fields) from None


def answer(data: Json, *, status: int = 200) -> web.Response:
    return web.json_response(data, status=status)


def refusal(error: GatewayError) -> web.Response:
    """The one shape of every error: key, message, facts."""
    body = {"key": error.key, "message": message_of(error.key, error.facts), "facts": error.facts}
    response = web.Response(text=json.dumps(body, default=str), status=error.status, content_type="application/json")
    if (wait_s := error.facts.get("retry_after_s")) is not None:
        response.headers["Retry-After"] = str(wait_s)
    return response


def gateway_of(request: web.Request) -> str:
    """`{id}` of the address. Raises `Refused` ("unknown_gateway", status 404)."""
    name = request.match_info["id"]
    if not is_id(name):
        raise Refused("unknown_gateway", status=404)
    return name


def number_of(request: web.Request, name: str, usual: int, *, most: int = _MOST) -> int:
    """A whole number of the query. Raises `Invalid` ("number_invalid")."""
    text = request.query.get(name, str(usual))
    if not (text.isascii() and text.isdecimal() and len(text) <= 18 and 1 <= int(text) <= most):
        raise Invalid("number_invalid", name=name, most=most)
    return int(text)


def before_of(request: web.Request) -> int | None:
    return number_of(request, "before", 1, most=10**18) if "before" in request.query else None


def time_of(request: web.Request, name: str, usual: datetime) -> datetime:
    """ISO 8601 with its zone, from the year 2 to 9998: some days before and after it there is a calendar, too. Raises
    `Invalid` ("time_invalid")."""
    text = request.query.get(name)
    if text is None:
        return usual
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("time_invalid", name=name) from None
    if found.tzinfo is None or not MINYEAR < found.year < MAXYEAR:
        raise Invalid("time_invalid", name=name)
    return found.astimezone(UTC)


def time_json(time: datetime | None) -> str | None:
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


async def note(
    request: web.Request, session: Session, what: str, subject: str, detail: Mapping[str, str] | None = None
) -> None:
    """A line of the audit, of whoever asks; to be written in the transaction of the change."""
    at = request.app[PARTS].now()
    await audit.note(session, who=request[VISITOR].name, what=what, subject=subject, at=at, detail=detail)
