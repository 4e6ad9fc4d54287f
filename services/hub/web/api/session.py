"""Claiming, signing in and out."""

from aiohttp import web

from services.hub.auth import tokens
from services.hub.auth.auth import LASTS, Visitor
from services.hub.web.context import COOKIE, PARTS, VISITOR, Body, Json, answer, read_body


class Login(Body):
    name: str
    password: str


class Claim(Login):
    code: str


class NewPassword(Body):
    old: str
    new: str


async def show(request: web.Request) -> web.Response:
    """Open: whether the hub has an admin, and to a session who it is."""
    auth = request.app[PARTS].auth
    token = request.cookies.get(COOKIE)
    visitor = await auth.by_session(token)
    if token is None or visitor is None:
        return answer({"claimed": auth.claim_code is None, "name": None})
    return answer({**_welcome(token, visitor), "trouble": dict(request.app[PARTS].keys())})


async def login(request: web.Request) -> web.Response:
    body = await read_body(request, Login)
    token, visitor = await request.app[PARTS].auth.login(body.name, body.password, address=request.remote)
    return _open_door(request, token, visitor)


async def claim(request: web.Request) -> web.Response:
    body = await read_body(request, Claim)
    auth = request.app[PARTS].auth
    token, visitor = await auth.claim(body.code, body.name, body.password, address=request.remote)
    return _open_door(request, token, visitor, status=201)


async def logout(request: web.Request) -> web.Response:
    await request.app[PARTS].auth.logout(request[VISITOR])
    return _closed(request)


async def password(request: web.Request) -> web.Response:
    """One's own. Every session of it ends."""
    body = await read_body(request, NewPassword)
    await request.app[PARTS].auth.change_password(request[VISITOR], body.old, body.new)
    return _closed(request)


def _welcome(token: str, visitor: Visitor) -> dict[str, Json]:
    return {"claimed": True, "name": visitor.name, "rank": visitor.rank.value, "token": tokens.csrf(token)}


def _open_door(request: web.Request, token: str, visitor: Visitor, status: int = 200) -> web.Response:
    response = answer(_welcome(token, visitor), status=status)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=request.secure,
    )
    return response


def _closed(request: web.Request) -> web.Response:
    response = answer({"name": None})
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict", secure=request.secure)
    return response
