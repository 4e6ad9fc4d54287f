"""The hub's pages on a free port, over a store of their own, and a client that behaves like a page."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession, CookieJar

from services.hub.auth.auth import Auth
from services.hub.auth.limits import ADDRESS, Lockout
from services.hub.fleet.authority import open_authority
from services.hub.registry.registry import Registry
from services.hub.registry.shelf import Shelf
from services.hub.store.hub import HubStore, database_at
from services.hub.web.parts import HubParts
from services.hub.web.server import serve

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
NAME, PASSWORD = "ida", "three quiet words"


@dataclass
class Time:
    """Both clocks of a hub, moved by hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def pass_by(self, **much: float) -> None:
        self.at += timedelta(**much)


@dataclass
class Page:
    """Sends what our own page sends: origin, token, cookies."""

    http: ClientSession
    base: str
    parts: HubParts
    time: Time
    token: str = ""
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> HubStore:
        return self.parts.store

    async def get(self, path: str, **more: Any) -> ClientResponse:
        return await self.http.get(self.base + path, allow_redirects=False, **more)

    async def read(self, path: str) -> Any:
        """What the API answers; it must be well."""
        answer = await self.get(f"/api/v1{path}")
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def send(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of a change to the API."""
        known = {"Origin": self.base, "X-Hearthgate-Token": self.token, **headers}
        answer = await self.http.request(method, f"{self.base}/api/v1{path}", json=body, headers=known)
        return answer.status, await answer.json() if answer.content_type == "application/json" else None

    async def sign_in(self, name: str = NAME, password: str = PASSWORD) -> None:
        status, found = await self.send("POST", "/login", {"name": name, "password": password})
        assert status == 200, found
        self.token = found["token"]

    async def bearer(self, method: str, path: str, token: str, body: object = None) -> tuple[int, Any]:
        """As a program asks: no cookie, no origin."""
        async with ClientSession() as http:
            headers = {"Authorization": f"Bearer {token}"}
            answer = await http.request(method, f"{self.base}{path}", json=body, headers=headers)
            return answer.status, await (answer.json() if "json" in answer.content_type else answer.text())


@asynccontextmanager
async def site(folder: Path, *, claimed: bool = True, time: Time | None = None) -> AsyncGenerator[Page]:
    """Signed in as admin, where it is `claimed`."""
    clock = time or Time()
    keys: dict[str, str] = {}
    async with (
        HubStore(database_at(folder / "hub.db")) as store,
        Auth(store.database, clock.now, monotonic=clock.monotonic) as auth,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as http,
    ):
        parts = HubParts(
            store=store,
            auth=auth,
            authority=open_authority(folder / "authority", clock.now()),
            now=clock.now,
            keys=lambda: keys,
            enrolling=Lockout(ADDRESS, clock.monotonic),
            registry=Registry(store.database, Shelf(folder / "bundles"), clock.now),
        )
        async with serve(parts) as running:
            page = Page(http, running.url, parts, clock, keys=keys)
            if claimed:
                body = {"code": auth.claim_code, "name": NAME, "password": PASSWORD}
                status, found = await page.send("POST", "/claim", body)
                assert status == 201, found
                page.token = found["token"]
            yield page
