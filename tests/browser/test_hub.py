"""The hub's pages in a real browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page as Browser

from services.hub.alerts.limits import limits_of
from services.hub.alerts.watch import Watch
from services.hub.config.pages import AlertSettings
from tests.browser.conftest import until, visit
from tests.services.hub.registry.shop import bundle, image
from tests.services.hub.web.homes import day_of_a_home, dropped, fault, hour_before, send, settle
from tests.services.hub.web.site import NAME, PASSWORD, Page, Time, site

pytestmark = pytest.mark.integration

REFUSED = "Failed to load resource"  # the browser's own line about a 401 or 403
SHELVES = ("Models", "Images")
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@asynccontextmanager
async def signed_in(
    folder: Path, *, expected: tuple[str, ...] = (), **context: Any
) -> AsyncIterator[tuple[Browser, Page]]:
    """The browser has the clock of this machine, so the hub has it too."""
    async with site(folder, time=Time(datetime.now(UTC))) as hub, visit(expected=expected, **context) as browser:
        await fill(hub)
        await browser.goto(f"{hub.base}/login")
        await browser.get_by_label("Name").fill(NAME)
        await browser.get_by_label("Password").fill(PASSWORD)
        await browser.keyboard.press("Enter")
        await browser.get_by_role("heading", name="Homes", level=1).wait_for()
        yield browser, hub


async def fill(hub: Page) -> None:
    """Three homes: one with a broken heater, one silent, one well."""
    at = hub.time.now()
    await settle(hub.store, "cabin", at, {"ring": "canary"})
    await settle(hub.store, "harbour", at - timedelta(hours=5), {"ring": "stable"})
    await settle(hub.store, "mill", at, {"ring": "stable"})
    hour = hour_before(at)
    await send(hub.store, "cabin", [*day_of_a_home(at), fault(hour, 1500.0), dropped(hour, 12)], at)
    await Watch(hub.store, hub.store.database, limits_of(AlertSettings())).round(at)


async def test_the_printed_link_makes_an_admin(tmp_path: Path) -> None:
    async with site(tmp_path, claimed=False) as hub, visit() as browser:
        await browser.goto(f"{hub.base}/login#code={hub.parts.auth.claim_code}")
        await browser.get_by_role("heading", name="Claim this hub").wait_for()
        assert browser.url == f"{hub.base}/login"
        await browser.get_by_label("Name").fill(NAME)
        await browser.get_by_label("Password").fill(PASSWORD)
        await browser.get_by_role("button", name="Become admin").click()
        await browser.get_by_text("No home here yet").wait_for()
        await browser.get_by_role("button", name="Sign out").click()
        await browser.get_by_role("heading", name="Welcome back").wait_for()


async def test_many_homes_and_one(tmp_path: Path) -> None:
    async with signed_in(tmp_path) as (browser, hub):
        rows = browser.locator("tbody tr")
        await rows.nth(2).wait_for()
        assert await rows.count() == 3
        assert "heater fault and 1 more" in await rows.nth(0).inner_text()
        assert "silent" in await rows.nth(1).inner_text()
        assert "well" in await rows.nth(2).inner_text()
        await browser.get_by_label("Label", exact=True).select_option("ring=canary")
        await until(browser, "document.querySelectorAll('tbody tr').length === 1")
        await browser.get_by_role("link", name="cabin").click()
        await browser.get_by_role("heading", name="Comfort").wait_for()
        assert browser.url == f"{hub.base}/homes/cabin"
        plot = browser.get_by_role("img", name="boiler:")
        await plot.locator("rect").nth(23).wait_for(state="attached")
        assert await plot.locator("rect").count() == 24
        assert "13.8 kWh" in str(await plot.get_attribute("aria-label"))
        await browser.get_by_text("12 summaries never arrived").wait_for()
        await browser.go_back()
        await browser.get_by_role("heading", name="Homes", level=1).wait_for()


async def test_a_home_is_labelled_and_revoked_after_a_second_thought(tmp_path: Path) -> None:
    async with signed_in(tmp_path, expected=(REFUSED,)) as (browser, hub):
        await browser.goto(f"{hub.base}/homes/mill")
        await browser.get_by_label("Labels").fill("Not=good!")
        await browser.get_by_role("button", name="Save labels").click()
        await browser.get_by_text("At most 16 labels").wait_for()
        await browser.get_by_label("Labels").fill("ring=canary site=oslo")
        await browser.get_by_role("button", name="Save labels").click()
        await browser.locator(".facts").get_by_text("site=oslo").wait_for()
        await browser.get_by_role("button", name="Revoke").click()
        await browser.get_by_text("Sure?").wait_for()
        home = await hub.store.home("mill")
        assert home is not None
        assert home.revoked is None
        await browser.get_by_role("button", name="Revoke").click()
        await browser.get_by_text("revoked", exact=True).wait_for()
        await browser.goto(f"{hub.base}/audit")
        await browser.get_by_text("home revoked").wait_for()


async def test_a_gateway_is_expected_by_a_command_to_copy(tmp_path: Path) -> None:
    async with signed_in(tmp_path) as (browser, hub):
        await browser.get_by_role("link", name="Enrolment").click()
        await browser.get_by_label("Id of the home").fill("lodge")
        await browser.get_by_label("Labels").fill("ring=canary")
        await browser.get_by_role("button", name="Make a token").click()
        told = await browser.locator(".secret code").inner_text()
        assert told.startswith(f"hearthgate uplink enrol {hub.base} ")
        assert len(told.split()[-1]) >= 43


async def test_a_viewer_sees_no_more_than_it_may(tmp_path: Path) -> None:
    async with signed_in(tmp_path) as (browser, hub):
        await hub.sign_in()
        new = {"name": "vera", "password": PASSWORD, "rank": "viewer"}
        assert (await hub.send("POST", "/operators", new))[0] == 201
        await browser.get_by_role("button", name="Sign out").click()
        await browser.get_by_label("Name").fill("vera")
        await browser.get_by_label("Password").fill(PASSWORD)
        await browser.keyboard.press("Enter")
        await browser.get_by_role("heading", name="Homes", level=1).wait_for()
        assert await browser.get_by_role("link", name="Audit").count() == 0
        await browser.goto(f"{hub.base}/homes/cabin")
        await browser.get_by_role("heading", name="Comfort").wait_for()
        assert await browser.get_by_role("heading", name="Change").count() == 0
        await browser.goto(f"{hub.base}/people")
        await browser.get_by_role("heading", name="Your password, vera").wait_for()
        assert await browser.get_by_role("heading", name="Operators").count() == 0


async def test_a_campaign_is_paused_and_taken_back(tmp_path: Path) -> None:
    async with signed_in(tmp_path) as (browser, hub):
        await hub.sign_in()
        plan = {"wish": {"what": "settings", "patch": {"climate": {"pause_s": 60}}}, "labels": {"ring": "canary"}}
        assert (await hub.send("POST", "/campaigns", plan))[0] == 201
        await browser.get_by_role("link", name="Campaigns").click()
        await browser.get_by_role("button", name="Pause").click()
        await browser.get_by_role("button", name="Pause").click()
        await browser.get_by_text("paused", exact=True).wait_for()
        await browser.get_by_role("button", name="Take back").click()
        await browser.get_by_role("button", name="Take back").click()
        await browser.get_by_text("by hand").wait_for()
        assert await browser.get_by_role("button", name="Resume").count() == 0


async def test_a_wish_is_made_of_one_home_and_of_many(tmp_path: Path) -> None:
    async with signed_in(tmp_path) as (browser, hub):
        await browser.get_by_label("Labels").fill("ring=stable")
        await browser.get_by_label("Wish, in JSON").fill("{climate")
        await browser.get_by_role("button", name="Wish of all these").click()
        await browser.get_by_text("That is not JSON.").wait_for()
        await browser.get_by_label("Wish, in JSON").fill('{"climate": {"pause_s": 90}}')
        await browser.get_by_role("button", name="Wish of all these").click()
        await browser.get_by_text("Wished of 2 homes.").wait_for()
        await browser.goto(f"{hub.base}/homes/mill")
        row = browser.get_by_role("row", name="climate.pause_s")
        assert "the home has not looked at it yet" in await row.inner_text()
        await browser.get_by_label("Wish, in JSON").fill('{"faces": {"announce_again_s": 9}}')
        await browser.get_by_role("button", name="Wish", exact=True).click()
        await browser.get_by_role("row", name="faces.announce_again_s").wait_for()
        await browser.goto(f"{hub.base}/audit")
        await browser.get_by_text("wish made").nth(2).wait_for()
        assert await browser.get_by_text("wish made").count() == 3


async def test_a_bundle_is_uploaded_promoted_and_brought_to_homes(tmp_path: Path) -> None:
    file, raucb = tmp_path / "tiny.hgmodel", tmp_path / "rpi.raucb"
    file.write_bytes(bundle(2))
    raucb.write_bytes(image())
    async with signed_in(tmp_path) as (browser, hub):
        await browser.get_by_role("link", name="Campaigns").click()
        models, images = (browser.locator(".card", has=browser.get_by_role("heading", name=name)) for name in SHELVES)
        await models.get_by_label("File").set_input_files(file)
        await models.get_by_role("button", name="Upload").click()
        await models.get_by_role("button", name="To beta").click()
        await models.get_by_role("button", name="To beta").click()
        await models.get_by_text("beta, dev").wait_for()
        await images.get_by_label("File").set_input_files(raucb)
        await images.get_by_label("Board").fill("rpi")
        await images.get_by_label("Version").fill("1.3.0")
        await images.get_by_role("button", name="Upload").click()
        await images.get_by_role("row", name="rpi").wait_for()
        await browser.get_by_label("What").select_option("tiny 1.2, serial 2 (beta, dev)")
        assert await browser.get_by_label("Settings, in JSON").count() == 1
        assert not await browser.get_by_label("Settings, in JSON").is_visible()
        await browser.get_by_label("For homes with").fill("ring=stable")
        await browser.get_by_role("button", name="Begin").click()
        await browser.get_by_role("heading", name="1: model, tiny serial 2").wait_for()
        (one,) = (await hub.read("/campaigns"))["campaigns"]
        assert (one["plan"]["labels"], one["plan"]["pace"]["first"]) == ({"ring": "stable"}, 5)


@pytest.mark.parametrize("path", ["/", "/homes/cabin", "/alerts", "/campaigns", "/audit", "/enrolment", "/people"])
async def test_a_phone_needs_no_sideways_scrolling(tmp_path: Path, path: str) -> None:
    async with signed_in(tmp_path, **PHONE) as (browser, hub):
        await browser.goto(hub.base + path)
        await browser.locator(".card").first.wait_for()
        assert await browser.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await browser.evaluate(
            "[...document.querySelectorAll('nav a')].every((a) => a.scrollWidth <= a.clientWidth)"
        )
        assert await browser.evaluate("document.documentElement.dataset.theme") == "dark"
