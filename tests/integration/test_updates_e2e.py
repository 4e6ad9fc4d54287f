"""Page, daemon, updater and RAUC as the processes they are: a bundle goes from a browser's hands to a boot on trial."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar

from gateway.web.api.machine import MOST_PIECE_BYTES
from gateway.wire.update import Slot
from tests.integration.corridor import Gateway, configure
from tests.services.updater.rauc_house import missing
from tests.services.updater.test_process import Box, box
from tests.unit.web.conftest import PASSWORD, USER, Page

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(missing()), reason=missing() or "nothing is missing"),
]
NAME = "new.raucb"
WITHIN_S = 120.0


@asynccontextmanager
async def signed_in(gateway: Gateway) -> AsyncGenerator[Page]:
    await asyncio.to_thread(gateway.start)
    try:
        assert gateway.page is not None
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
            page = Page(http, gateway.page)
            claim = {"code": gateway.claim_code, "user": USER, "password": PASSWORD}
            page.token = (await (await page.post("/api/v1/claim", json=claim)).json())["token"]
            yield page
    finally:
        await asyncio.to_thread(gateway.stop)


async def until(page: Page, **wanted: Any) -> dict[str, Any]:
    """What the page tells of the machine, once it is as `wanted`."""
    found: dict[str, Any] = {}
    async with asyncio.timeout(WITHIN_S):
        while any(found.get(name) != value for name, value in wanted.items()):
            await asyncio.sleep(0.2)
            found = (await (await page.get("/api/v1/machine")).json())["machine"] or {}
    return found


async def upload(page: Page, data: bytes) -> None:
    for first in range(0, len(data), MOST_PIECE_BYTES):
        piece = data[first : first + MOST_PIECE_BYTES]
        span = f"bytes {first}-{first + len(piece) - 1}/{len(data)}"
        answer = await page.send("PUT", f"/api/v1/machine/inbox/{NAME}", data=piece, headers={"Content-Range": span})
        assert answer.status == 200, await answer.text()


async def test_from_a_browser_to_a_boot_on_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with box(tmp_path) as machine:
        monkeypatch.setenv("HEARTHGATE_UPDATER_SOCKET", str(machine.socket))
        home = machine.root / "etc"
        home.mkdir(parents=True, exist_ok=True)
        config = configure(home)
        (home / "data").symlink_to(machine.root / "var/lib/hearthgate")
        async with signed_in(Gateway(config)) as page:
            machine.page = f"{page.base}/"
            await machine.boot(Slot.A, "0.1.0", "one")
            await until(page, failing=[])
            await upload(page, (await _bundle(machine)).read_bytes())
            answer = await page.post("/api/v1/machine/install", json={"origin": "upload", "name": NAME})
            assert answer.status == 202, await answer.text()
            told = await until(page, state="installed")
            assert (told["target"], told["other"], told["origin"]) == ("0.2.0", "0.2.0", "upload")
            assert (await (await page.get("/api/v1/machine")).json())["inbox"] == [], "the updater took it"
            assert (await page.post("/api/v1/machine/reboot")).status == 202
            async with asyncio.timeout(WITHIN_S):
                while not machine.systemd.started:  # noqa: ASYNC110  # on a bus
                    await asyncio.sleep(0.05)
            await machine.kill()
            told = await (await page.get("/api/v1/machine")).json()
            assert (told["machine"], told["key"]) == (None, "updater_away")

            await machine.boot(Slot.B, "0.2.0", "two")
            told = await until(page, state="trying", failing=[])
            assert (told["slot"], told["version"], told["confirmed"]) == ("B", "0.2.0", False)
            assert told["stable_needed_s"] == 180.0, "as the settings say"


async def _bundle(machine: Box) -> Path:
    return await asyncio.to_thread(machine.rauc.bundle, "new")
