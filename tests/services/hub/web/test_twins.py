"""Wishes for settings, as operators make them and as homes answer."""

from pathlib import Path

from gateway.wire.uplink import Rejected, Reported, dump
from services.hub.twins.twins import Twins
from tests.services.hub.web.homes import settle
from tests.services.hub.web.site import NAME, NOW, Page, site

PATCH = {"climate": {"pause_s": 90, "away_c": 15}}


async def homes(page: Page) -> None:
    for home, ring in (("home1", "canary"), ("home2", "canary"), ("home3", "stable")):
        await settle(page.store, home, NOW)
        assert (await page.send("PUT", f"/homes/{home}/labels", {"labels": {"ring": ring}}))[0] == 200


async def test_a_wish_is_made_answered_and_taken_back(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        await homes(page)
        empty = await page.read("/homes/home1/twin")
        assert (empty["version"], empty["patch"], empty["reported"], empty["differences"]) == (0, {}, None, [])
        status, wished = await page.send("PATCH", "/homes/home1/twin", {"patch": PATCH})
        assert (status, wished["version"], wished["patch"]) == (200, 1, PATCH)
        assert [one["key"] for one in wished["differences"]] == ["pending", "pending"]
        told = Reported(
            version=1,
            sources={"climate.pause_s": "local"},
            settings={"climate": {"pause_s": 30}},
            rejected=(Rejected(path="climate.away_c", key="setting_invalid"),),
        )
        await Twins(page.store.database, page.time.now).reported("home1", dump(told))
        answered = await page.read("/homes/home1/twin")
        assert {one["path"]: (one["wished"], one["reported"], one["key"]) for one in answered["differences"]} == {
            "climate.pause_s": (90, 30, "local"),
            "climate.away_c": (15, None, "setting_invalid"),
        }
        assert answered["reported"]["sources"] == {"climate.pause_s": "local"}
        assert answered["reported_at"] == "2026-11-21T12:30:00Z"
        assert (await page.send("PUT", "/homes/home1/twin", {"patch": {}}))[1]["patch"] == {}
        audit = (await page.read("/audit"))["audit"]
    assert [(one["who"], one["subject"], one["detail"]) for one in audit if one["what"] == "wish_made"] == [
        (NAME, "home1", {"version": "2"}),
        (NAME, "home1", {"version": "1"}),
    ]


async def test_many_homes_are_wished_for_by_label(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        await homes(page)
        await page.send("POST", "/homes/home2/revoke")
        body = {"patch": PATCH, "labels": {"ring": "canary"}}
        assert await page.send("POST", "/wishes", body) == (200, {"homes": 1})
        assert (await page.read("/homes/home1/twin"))["patch"] == PATCH
        assert (await page.read("/homes/home2/twin"))["version"] == 0
        assert (await page.read("/homes/home3/twin"))["version"] == 0
        assert (await page.send("POST", "/wishes", {"patch": {}}))[1]["key"] == "body_invalid"
        assert (await page.send("POST", "/wishes", {"patch": PATCH, "share": 2}))[1]["key"] == "body_invalid"


async def test_nobody_there_has_no_twin(tmp_path: Path) -> None:
    async with site(tmp_path) as page:
        assert (await page.send("GET", "/homes/home9/twin"))[1]["key"] == "unknown_gateway"
        assert (await page.send("PATCH", "/homes/home9/twin", {"patch": PATCH}))[0] == 404
        await homes(page)
        large = {"patch": {f"x{number}": "y" * 100 for number in range(620)}}
        assert (await page.send("PATCH", "/homes/home1/twin", large))[1]["key"] in {"wish_too_large", "too_large"}
