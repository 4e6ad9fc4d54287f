"""What handlers share: the parts, who asks, how a body is read and an answer is given."""

import json
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.errors import GatewayError, Invalid, Refused
from gateway.web.auth import Session
from gateway.web.jsonable import Json
from gateway.web.messages import message_of
from gateway.web.parts import WebParts
from gateway.web.sockets import Sockets

PARTS = web.AppKey("parts", WebParts)
SOCKETS = web.AppKey("sockets", Sockets)
SESSION = web.RequestKey("session", Session)
TOKEN = web.RequestKey("token", str)

COOKIE = "hearthgate_session"
CSRF_HEADER = "X-Hearthgate-Token"
API = "/api/v1"


class Body(BaseModel):
    """A JSON body: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


AnyBody = TypeVar("AnyBody", bound=Body)


async def read_body(request: web.Request, shape: type[AnyBody]) -> AnyBody:
    """Raises `Invalid("body_invalid")`, naming the fields but never their values."""
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
    text = json.dumps(body, default=str)
    response = web.Response(text=text, status=error.status, content_type="application/json")
    if (wait_s := error.facts.get("retry_after_s")) is not None:
        response.headers["Retry-After"] = str(wait_s)
    return response


def page_of(request: web.Request) -> tuple[int, str | None]:
    """`limit` (1..200, 50 when absent) and `before` from the query. Raises `Invalid`."""
    try:
        limit = int(request.query.get("limit", "50"))
    except ValueError:
        raise Invalid("limit_invalid") from None
    if not 1 <= limit <= 200:
        raise Invalid("limit_invalid", least=1, most=200)
    return limit, request.query.get("before") or None


def off(part: str) -> Refused:
    return Refused("part_off", status=404, part=part)


def unknown(what: str) -> Refused:
    return Refused("not_found", status=404, what=what)
