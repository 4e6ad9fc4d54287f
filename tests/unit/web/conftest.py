"""A gateway's page on a free port, claimed or not, and a client that behaves like a page."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse, CookieJar

from gateway.testing.clock import FakeClock
from gateway.web.auth import Auth
from gateway.web.server import serve
from tests.unit.web.fakes import MemoryKeyValue, make_parts

USER, PASSWORD = "ida", "three quiet words"


class Page:
    """Sends what our own page sends: origin, token, cookies."""

    def __init__(self, http: ClientSession, base: str) -> None:
        self.http, self.base, self.token = http, base.rstrip("/"), ""
        self._sockets: list[ClientWebSocketResponse] = []

    @property
    def headers(self) -> dict[str, str]:
        return {"Origin": self.base, "X-Hearthgate-Token": self.token}

    async def get(self, path: str, **more: Any) -> ClientResponse:
        return await self.http.get(self.base + path, allow_redirects=False, **more)

    async def send(self, method: str, path: str, **more: Any) -> ClientResponse:
        headers = {**self.headers, **more.pop("headers", {})}
        return await self.http.request(method, self.base + path, headers=headers, **more)

    async def post(self, path: str, **more: Any) -> ClientResponse:
        return await self.send("POST", path, **more)

    async def socket(self, path: str, **headers: str) -> Any:
        socket = await self.http.ws_connect(self.base + path, headers={"Origin": self.base, **headers})
        self._sockets.append(socket)
        return socket

    async def leave(self) -> None:
        """What is left open is closed, or it is found by whatever test runs when rubbish is collected."""
        for socket in self._sockets:
            await socket.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@asynccontextmanager
async def house(clock: FakeClock, *, claimed: bool = True, **parts: object) -> AsyncGenerator[Page, None]:
    """A page at the gateway made of `parts`, signed in when the gateway is `claimed`."""
    async with (
        Auth(MemoryKeyValue(), clock) as auth,
        serve(make_parts(auth, clock, **parts)) as running,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as http,
    ):
        page = Page(http, running.url)
        if claimed:
            body = {"code": auth.claim_code(), "user": USER, "password": PASSWORD}
            answer = await page.post("/api/v1/claim", json=body)
            page.token = (await answer.json())["token"]
        try:
            yield page
        finally:
            await page.leave()
