"""Claiming, signing in and out."""

from aiohttp import web

from gateway.web.auth import Session
from gateway.web.auth.sessions import csrf_token
from gateway.web.context import COOKIE, PARTS, SESSION, SOCKETS, Body, answer, read_body
from gateway.web.jsonable import Json


class Login(Body):
    user: str
    password: str


class Claim(Login):
    code: str


async def show(request: web.Request) -> web.Response:
    """Open: says whether the gateway has an owner and, to a session, who it is and which parts are on."""
    parts = request.app[PARTS]
    token = request.cookies.get(COOKIE)
    session = parts.auth.session(token)
    if token is None or session is None:
        return answer({"claimed": parts.auth.claimed, "user": None})
    return answer({**_welcome(token, session), **_about(request)})


def _welcome(token: str, session: Session) -> dict[str, Json]:
    return {"claimed": True, "user": session.user, "token": csrf_token(token)}


def _about(request: web.Request) -> dict[str, Json]:
    parts = request.app[PARTS]
    return {
        "gateway": parts.name,
        "version": parts.version,
        "safe_mode": bool(parts.problems),
        "parts": {
            "events": parts.events is not None,
            "people": parts.people is not None,
            "devices": parts.devices is not None,
            "journal": parts.journal is not None,
            "corrections": parts.corrections is not None,
            "climate": parts.climate is not None,
            "uplink": parts.uplink is not None,
            "choices": parts.choices is not None,
            "machine": parts.machine is not None,
            "accounts": parts.accounts is not None,
            "authority": parts.authority is not None,
        },
    }


async def login(request: web.Request) -> web.Response:
    body = await read_body(request, Login)
    token, session = await request.app[PARTS].auth.login(body.user, body.password, address=request.remote)
    return _open_door(request, token, session)


async def claim(request: web.Request) -> web.Response:
    body = await read_body(request, Claim)
    token, session = await request.app[PARTS].auth.claim(body.code, body.user, body.password, address=request.remote)
    return _open_door(request, token, session, status=201)


def _open_door(request: web.Request, token: str, session: Session, status: int = 200) -> web.Response:
    parts = request.app[PARTS]
    response = answer(_welcome(token, session), status=status)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(parts.auth.seconds_left(session)),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=request.secure,
    )
    return response


async def logout(request: web.Request) -> web.Response:
    session = request[SESSION]
    await request.app[PARTS].auth.logout(session)
    await request.app[SOCKETS].close_session(session.id)
    response = answer({"user": None})
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict", secure=request.secure)
    return response
