"""Which devices may speak to the broker of this machine. A password leaves once, in the answer that made it."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from gateway.web.context import PARTS, Body, answer, off, read_body
from gateway.web.parts import Accounts


class AccountBody(Body):
    name: Annotated[str, Field(max_length=64)]


async def listing(request: web.Request) -> web.Response:
    return answer({"accounts": list(await _accounts(request).names())})


async def add(request: web.Request) -> web.Response:
    """For a name that there is already the old password is good no more."""
    body = await read_body(request, AccountBody)
    made = await _accounts(request).add(body.name)
    return answer({"name": made.name, "password": made.password}, status=201)


async def remove(request: web.Request) -> web.Response:
    await _accounts(request).remove(request.match_info["name"])
    return web.Response(status=204)


def _accounts(request: web.Request) -> Accounts:
    accounts = request.app[PARTS].accounts
    if accounts is None:
        raise off("accounts")
    return accounts
