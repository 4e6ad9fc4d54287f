"""Homes fetch what they may, whole and in part, and a download goes on where it broke off."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDictProxy

from gateway.errors import GatewayError, Refused
from gateway.models.bundle.address import Limits
from gateway.models.bundle.download import fetched_bundle
from gateway.models.bundle.partial import Partial
from services.hub.registry.images import About
from services.hub.registry.kinds import Kind
from services.hub.registry.links import PERIOD_S, Links
from services.hub.registry.serve import BUNDLE, Downloads
from services.hub.store.hub import HubStore, database_at
from services.hub.store.words import Enrolment
from tests.services.hub.registry.shop import bundle, chunks, image, registry_of
from tests.services.hub.store.fleet import NOON

DATA = bundle(2)


@web.middleware
async def told(request: web.Request, handler: object) -> web.StreamResponse:
    try:
        return await handler(request)  # type: ignore[operator,no-any-return]  # aiohttp's own type is not importable
    except GatewayError as error:
        return web.json_response({"key": error.key}, status=error.status)


class Shop:
    def __init__(self, store: HubStore, folder: Path) -> None:
        self.now = NOON
        self.store, self.folder = store, folder
        self.registry = registry_of(store, folder)

    async def open(self) -> TestClient[web.Request, web.Application]:
        await self.store.enrol(Enrolment(gateway="home1", token_sha256="0" * 64), NOON)
        self.sha256 = (await self.registry.add_model(chunks(DATA), by="ada")).sha256
        self.links = await self.registry.links("https://hub.example.org/")
        app = web.Application(middlewares=[told])
        app.router.add_get(BUNDLE, Downloads(self.registry, self.store, self.links, self.clock).hand_out)
        self.client: TestClient[web.Request, web.Application] = TestClient(TestServer(app))
        return self.client

    def clock(self) -> datetime:
        return self.now

    def link(self, gateway: str = "home1") -> str:
        whole = urlsplit(self.links.link(gateway, self.sha256, Kind.MODEL, self.now))
        assert f"{whole.scheme}://{whole.netloc}" == "https://hub.example.org"
        return f"{whole.path}?{whole.query}"

    async def get(self, path: str | None = None, **headers: str) -> tuple[int, bytes, CIMultiDictProxy[str]]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.get(path or self.link(), headers=sent) as answer:
            return answer.status, await answer.read(), answer.headers


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Shop]:
    async with HubStore(database_at(folder / "hub.db")) as store:
        shop = Shop(store, folder)
        async with await shop.open():
            yield shop


async def test_whole_and_in_parts(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        status, body, headers = await shop.get()
        assert (status, body) == (200, DATA)
        tag = f'"{shop.sha256}"'
        assert (headers["ETag"], headers["Accept-Ranges"]) == (tag, "bytes")
        status, body, headers = await shop.get(Range="bytes=100-", If_Range=tag)
        assert (status, body) == (206, DATA[100:])
        assert headers["Content-Range"] == f"bytes 100-{len(DATA) - 1}/{len(DATA)}"
        assert (await shop.get(Range="bytes=100-", If_Range='"other"'))[:2] == (200, DATA)
        assert (await shop.get(Range="bytes=5-7"))[:2] == (206, DATA[5:8])
        status, _, headers = await shop.get(Range=f"bytes={len(DATA)}-")
        assert (status, headers["Content-Range"]) == (416, f"bytes */{len(DATA)}")
        assert (await shop.get(If_None_Match=tag))[:2] == (304, b"")
        async with shop.client.head(shop.link()) as answer:
            assert (answer.status, answer.content_length) == (200, len(DATA))


async def test_a_link_is_for_one_home_one_bundle_and_a_while(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        link = shop.link()
        other = shop.sha256[:-1] + ("0" if shop.sha256[-1] != "0" else "1")
        for bad in (
            link.replace("home1", "home2"),
            link.replace(shop.sha256, other),
            link.replace("end=1", "end=2"),
            link[:-1] + ("0" if link[-1] != "0" else "1"),
            link.replace("sign=", "sign=%C3%A9"),
            link.replace("end=", "end=%C2%B2"),
        ):
            assert (await shop.get(bad))[0] == 403, bad
        assert (await shop.get(link.partition("?")[0]))[0] == 401
        shop.now += timedelta(seconds=PERIOD_S - 1)
        assert (await shop.get(link))[0] == 200
        shop.now += timedelta(seconds=PERIOD_S + 1)
        assert (await shop.get(link))[0] == 403
        assert (await shop.get())[0] == 200


async def test_a_link_is_of_no_use_to_whom_was_revoked_or_for_what_was_removed(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        assert (await shop.get(shop.link("home9")))[0] == 401
        await shop.store.revoke("home1", NOON)
        assert (await shop.get())[0] == 403
        await shop.store.enrol(Enrolment(gateway="home3", token_sha256="0" * 64), NOON)
        assert (await shop.get(shop.link("home3")))[0] == 200
        await shop.registry.remove(shop.sha256, by="ada")
        assert (await shop.get(shop.link("home3")))[0] == 404
        assert (await shop.get("/bundles/..%2f..%2fhub.db.hgmodel"))[0] == 404


async def test_workers_of_one_database_sign_alike(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        again = await shop.registry.links("https://hub.example.org")
        asked = ("home1", shop.sha256, Kind.MODEL, NOON)
        assert again.link(*asked) == shop.links.link(*asked)
        stranger = Links(base="https://hub.example.org", key=b"other")
        with pytest.raises(Refused, match="link_invalid"):
            _, _, query = stranger.link("home1", shop.sha256, Kind.MODEL, NOON).partition("?")
            pairs = dict(pair.split("=") for pair in query.split("&"))
            again.check("home1", shop.sha256, pairs["end"], pairs["sign"], NOON)


async def test_an_image_is_fetched_by_its_own_name(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        one = await shop.registry.add_image(chunks(image()), About(board="rpi", version="1.3.0"), by="ada")
        whole = urlsplit(shop.links.link("home1", one.sha256, Kind.IMAGE, shop.now))
        assert whole.path.endswith(".raucb")
        assert (await shop.get(f"{whole.path}?{whole.query}"))[:2] == (200, image())
        assert (await shop.get(f"{whole.path}?{whole.query}".replace(".raucb", ".hgmodel")))[0] == 404


async def test_a_gateways_own_download_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    async with opened(tmp_path) as shop:
        url, folder = str(shop.client.make_url(shop.link())), tmp_path / "downloads"
        partial = Partial(folder, url)
        partial.keep_alone()
        partial.begin(f'"{shop.sha256}"')
        with partial.appending() as stream:
            stream.write(DATA[:1000])
        came: list[int] = []

        def fetch() -> bytes:
            limits = Limits(plain_here=True)
            with fetched_bundle(
                url, folder, limits=limits, progress=lambda _what, done, _all: came.append(done)
            ) as file:
                return file.read_bytes()

        assert await asyncio.to_thread(fetch) == DATA
        assert came[0] > 1000
        with pytest.raises(Refused, match="model_missing"):
            url = url.replace("home1", "home2")
            await asyncio.to_thread(fetch)
