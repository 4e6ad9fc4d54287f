"""Operators and the tokens of programs."""

import secrets

from aiohttp import web

from gateway.errors import Invalid, Refused
from services.hub.auth import tokens as words
from services.hub.auth.passwords import check_name, check_password
from services.hub.store import credentials
from services.hub.store import operators as kept
from services.hub.store.credentials import ApiToken
from services.hub.store.operators import Operator, Rank
from services.hub.web.context import PARTS, VISITOR, Body, Json, answer, note, read_body, time_json


class NewOperator(Body):
    name: str
    password: str
    rank: str


class Change(Body):
    rank: str | None = None
    password: str | None = None


class NewToken(Body):
    label: str
    rank: str


async def operators(request: web.Request) -> web.Response:
    async with request.app[PARTS].store.database.transaction() as session:
        found = await kept.operators(session)
    shown: list[Json] = [{"name": one.name, "rank": one.rank.value, "created": time_json(one.created)} for one in found]
    return answer({"operators": shown})


async def add_operator(request: web.Request) -> web.Response:
    body, parts = await read_body(request, NewOperator), request.app[PARTS]
    rank, name = _rank(body.rank), check_name(body.name)
    hashed = await parts.auth.passwords.hash(check_password(body.password, name))
    async with parts.store.database.transaction() as session:
        await kept.add_operator(session, Operator(name=name, rank=rank, created=parts.now(), password=hashed))
        await note(request, session, "operator_added", name, {"rank": rank.value})
    return answer({"name": name, "rank": rank.value}, status=201)


async def change_operator(request: web.Request) -> web.Response:
    """Another rank, another password (then all sessions of theirs end), or both."""
    body, parts, name = await read_body(request, Change), request.app[PARTS], request.match_info["name"]
    rank = None if body.rank is None else _rank(body.rank)
    hashed = None
    if body.password is not None:
        hashed = await parts.auth.passwords.hash(check_password(body.password, name))
    async with parts.store.database.transaction() as session:
        if rank is not None:
            await kept.set_rank(session, name, rank)
            await note(request, session, "operator_ranked", name, {"rank": rank.value})
        if hashed is not None:
            await kept.set_password(session, name, hashed)
            await note(request, session, "password_set", name)
    return answer({"name": name})


async def remove_operator(request: web.Request) -> web.Response:
    """With their sessions, and the tokens that they made."""
    name = request.match_info["name"]
    async with request.app[PARTS].store.database.transaction() as session:
        await kept.remove_operator(session, name)
        await note(request, session, "operator_removed", name)
    return web.Response(status=204)


async def tokens(request: web.Request) -> web.Response:
    async with request.app[PARTS].store.database.transaction() as session:
        found = await credentials.tokens(session)
    shown: list[Json] = [
        {
            "id": one.id,
            "label": one.label,
            "rank": one.rank.value,
            "made_by": one.made_by,
            "created": time_json(one.created),
        }
        for one in found
    ]
    return answer({"tokens": shown})


async def add_token(request: web.Request) -> web.Response:
    """The only time that the token itself is told."""
    body, parts = await read_body(request, NewToken), request.app[PARTS]
    maker = request[VISITOR]
    if maker.session is None:
        raise Refused("login_needed", status=401)  # no token makes another: it would outlive whoever made the first
    token, label = words.fresh(), check_name(body.label)
    made = ApiToken(
        id=secrets.token_hex(6),
        label=label,
        rank=_rank(body.rank),
        made_by=maker.name,
        created=parts.now(),
        digest=words.digest(token),
    )
    async with parts.store.database.transaction() as session:
        await credentials.add_token(session, made)
        await note(request, session, "token_added", label, {"id": made.id, "rank": made.rank.value})
    return answer({"id": made.id, "token": token}, status=201)


async def remove_token(request: web.Request) -> web.Response:
    token = request.match_info["token"]
    async with request.app[PARTS].store.database.transaction() as session:
        await credentials.remove_token(session, token)
        await note(request, session, "token_removed", token)
    return web.Response(status=204)


def _rank(text: str) -> Rank:
    try:
        return Rank(text)
    except ValueError:
        raise Invalid("body_invalid", fields={"rank": "viewer, operator or admin"}) from None
