"""Campaigns and models, as the API has them."""

from pathlib import Path
from typing import Any

import pytest

from tests.services.hub.registry.shop import bundle, chunks
from tests.services.hub.web.site import NAME, Page, site

IMAGE = {"what": "image", "url": "https://img.example.org/1.raucb", "sha256": "a" * 64, "version": "1.3.0"}


async def begun(page: Page, **more: object) -> int:
    status, found = await page.send("POST", "/campaigns", {"wish": IMAGE, **more})
    assert status == 201, found
    return int(found["number"])


async def test_a_campaign_is_begun_steered_and_stopped(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        number = await begun(page, labels={"ring": "canary"}, share=0.5)
        (one,) = (await page.read("/campaigns"))["campaigns"]
        assert (one["number"], one["lane"], one["state"], one["homes"]) == (number, "image", "running", {})
        assert (one["plan"]["labels"], one["plan"]["share"]) == ({"ring": "canary"}, 0.5)
        assert (await page.send("POST", f"/campaigns/{number}/pause"))[1]["state"] == "paused"
        assert (await page.send("POST", f"/campaigns/{number}/resume"))[1]["state"] == "running"
        status, stopped = await page.send("POST", f"/campaigns/{number}/stop", {"recall": True})
        assert (status, stopped["state"], stopped["why"], stopped["recall"]) == (200, "stopped", "by_hand", True)
        assert (await page.send("POST", f"/campaigns/{number}/resume"))[1]["key"] == "campaign_stopped"
        assert (await page.read(f"/campaigns/{number}/homes"))["homes"] == []
        audit = (await page.read("/audit"))["audit"]
        assert (audit[0]["who"], audit[0]["what"], audit[0]["subject"]) == (NAME, "campaign_stopped", str(number))


@pytest.mark.parametrize(
    ("plan", "key"),
    [
        ({}, "plan_invalid"),
        ([], "plan_invalid"),
        ({"wish": {**IMAGE, "url": "file:///etc/passwd"}}, "plan_invalid"),
        ({"wish": {"what": "model", "model": "tiny", "sha256": "b" * 64, "serial": 1}}, "bundle_unknown"),
    ],
)
async def test_a_bad_plan_begins_nothing(tmp_path: Path, plan: Any, key: str) -> None:
    async with site(tmp_path) as page:
        _, told = await page.send("POST", "/campaigns", plan)
        assert told["key"] == key
        assert "{" not in told["message"]
        assert (await page.read("/campaigns"))["campaigns"] == []


@pytest.mark.parametrize("number", ["7", "x", "9" * 30])
async def test_a_campaign_that_is_not_there(tmp_path: Path, number: str) -> None:
    async with site(tmp_path) as page:
        assert (await page.send("GET", f"/campaigns/{number}"))[1]["key"] == "campaign_unknown"
        assert (await page.send("POST", f"/campaigns/{number}/stop", {}))[0] == 404


async def test_models_are_listed_with_their_channels(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        one = await page.parts.registry.add_model(chunks(bundle(1)), by="ada")
        (shown,) = (await page.read("/models"))["models"]
        assert (shown["model"], shown["serial"], shown["sha256"], shown["channels"]) == (
            one.release.name,
            1,
            one.sha256,
            ["dev"],
        )
