"""What is told to others, and how they know that it is ours."""

import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from gateway.errors import Transient
from services.hub.alerts.webhook import SIGNATURE, Messenger
from services.hub.store import alerts
from services.hub.store.hub import HubStore, database_at
from tests.services.hub.web.site import NOW

KEY = "shared with the receiver"


class Receiver:
    """Answers with `status`; what it took is in `heard`, with its signature."""

    def __init__(self) -> None:
        self.status = 204
        self.heard: list[tuple[dict[str, Any], str, bytes]] = []

    async def hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.heard.append((json.loads(body), request.headers[SIGNATURE], body))
        return web.Response(status=self.status)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[HubStore]:
    async with HubStore(database_at(tmp_path / "hub.db")) as opened:
        yield opened


@asynccontextmanager
async def receiver() -> AsyncGenerator[tuple[Receiver, str]]:
    heard = Receiver()
    app = web.Application()
    app.router.add_post("/hook", heard.hear)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield heard, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def put(store: HubStore, kind: str) -> None:
    async with store.database.transaction() as session:
        await alerts.raise_alert(session, gateway="home1", kind=kind, subject="x", level="warning", value=2.0, at=NOW)


async def clear_all(store: HubStore) -> None:
    async with store.database.transaction() as session:
        for alert in await alerts.standing(session):
            await alerts.clear_alert(session, alert.id, NOW)


async def test_each_is_told_once_signed_and_in_order(store: HubStore) -> None:
    await put(store, "drops")
    await put(store, "silent")
    async with receiver() as (ear, url), ClientSession() as http:
        messenger = Messenger(store.database, http, url, KEY)
        assert [await messenger.tell(lambda: NOW) for _ in range(2)] == [2, 0]
        await clear_all(store)
        assert await messenger.tell(lambda: NOW) == 2
    assert [(body["event"], body["kind"]) for body, _, _ in ear.heard] == [
        ("raised", "drops"),
        ("raised", "silent"),
        ("cleared", "drops"),
        ("cleared", "silent"),
    ]
    for _, signature, raw in ear.heard:
        stamp = signature.split(",")[0].removeprefix("t=")
        assert int(stamp) == int(NOW.timestamp())
        expected = hmac.new(KEY.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
        assert signature.endswith(f",v1={expected}")


async def test_what_was_not_taken_comes_again(store: HubStore) -> None:
    await put(store, "drops")
    async with receiver() as (ear, url), ClientSession() as http:
        ear.status = 500
        messenger = Messenger(store.database, http, url, KEY)
        with pytest.raises(Transient, match="webhook_refused"):
            await messenger.tell(lambda: NOW)
        ear.status = 302  # nobody is followed elsewhere
        with pytest.raises(Transient, match="webhook_refused"):
            await messenger.tell(lambda: NOW)
        ear.status = 200
        assert await messenger.tell(lambda: NOW) == 1


async def test_nobody_there_is_weather(store: HubStore) -> None:
    await put(store, "drops")
    async with ClientSession() as http:
        with pytest.raises(Transient, match="webhook_unreachable"):
            await Messenger(store.database, http, "http://127.0.0.1:9/hook", KEY).tell(lambda: NOW)
