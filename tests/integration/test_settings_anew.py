"""Settings changed over the page come into force in the same process, and survive kill -9 and a broken layer."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar

from tests.integration.corridor import Gateway, configure, wait_for

pytestmark = pytest.mark.integration


async def change(gateway: Gateway, session: dict[str, str] | None, patch: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The status, and what the page shows of the settings before."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as http:
        base = str(gateway.page).rstrip("/")
        door = {"user": "ida", "password": "three quiet words"}
        way = ("claim", {"code": gateway.claim_code, **door}) if session is None else ("login", door)
        answer = await http.post(f"{base}/api/v1/{way[0]}", json=way[1], headers={"Origin": base})
        token = (await answer.json())["token"]
        listed = await (await http.get(f"{base}/api/v1/settings")).json()
        headers = {"Origin": base, "X-Hearthgate-Token": token}
        sent = await http.post(f"{base}/api/v1/settings", json={"patch": patch}, headers=headers)
        return sent.status, {one["path"]: (one["value"], one["origin"]) for one in listed["settings"]}


def test_a_change_on_the_page_begins_anew_in_the_same_process(tmp_path: Path) -> None:
    config = configure(tmp_path, cameras=[])
    with Gateway(config) as gateway:
        pid = gateway.process.pid
        first = gateway.page
        status, _ = asyncio.run(change(gateway, None, {"faces": {"announce_again_s": 7}}))
        assert status == 204
        wait_for(lambda: sum("page:" in line for line in gateway.lines) == 2, "the page again")
        assert gateway.process.pid == pid
        assert gateway.page == first
        wait_for(lambda: _answers(gateway), "the page answers")
        status, listed = asyncio.run(change(gateway, {}, {"faces": {"announce_again_s": "soon"}}))
        assert status == 400
        assert listed["faces.announce_again_s"] == (7, "local")
        gateway.process.kill()
    with Gateway(config) as gateway:
        _, listed = asyncio.run(change(gateway, {}, {"faces": {}}))
        assert listed["faces.announce_again_s"] == (7, "local")


def test_a_damaged_layer_is_set_aside_and_nobody_is_locked_out(tmp_path: Path) -> None:
    config = configure(tmp_path, cameras=[])
    (tmp_path / "data").mkdir(mode=0o700, exist_ok=True)
    (tmp_path / "data" / "overrides.json").write_text(json.dumps({"hub_version": 1})[:-3])
    with Gateway(config) as gateway:
        status, _ = asyncio.run(change(gateway, None, {"faces": {}}))
        assert status == 204
    assert (tmp_path / "data" / "overrides.corrupt").is_file()


def _answers(gateway: Gateway) -> bool:
    async def ask() -> bool:
        try:
            async with ClientSession() as http, http.get(f"{gateway.page}api/v1/session") as answer:
                return answer.status == 200
        except OSError:
            return False

    return asyncio.run(ask())
