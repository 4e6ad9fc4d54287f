"""The pages at work: what arrives by itself, what a person does, and what it looks like on a phone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from gateway.errors import Problem
from gateway.types import Kind, Level, Quantity, Reading, Switch
from tests.browser.conftest import at_home, claim, until, visit
from tests.browser.house import House, furnish, open_house, run_models
from tests.browser.scene import crop
from tests.unit.web.conftest import USER

pytestmark = pytest.mark.integration

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def open_page(page: Page, house: House, name: str) -> None:
    await page.get_by_role("navigation").get_by_role("link", name=name).click()
    await page.get_by_role("heading", level=1, name=name).wait_for()


async def test_an_event_appears_by_itself_with_its_picture(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        await page.get_by_text("Nothing has happened yet").wait_for()
        event = await house.happen(Kind.FACE_RECOGNISED, label="Ada")
        row = page.locator(f'[data-id="{event.id}"]')
        await expect(row).to_contain_text("Ada is here")
        await until(page, f"document.querySelector('[data-id=\"{event.id}\"] img').naturalWidth > 0")
        await expect(page.locator("#say")).to_contain_text("Ada is here")


async def test_the_heading_tells_when_something_is_wrong(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        await page.get_by_role("heading", name="All is well at home").wait_for()
        house.report("broker", Level.DOWN, "broker_unreachable", "no answer from the broker")
        await page.get_by_role("link", name="Broker needs a look").click()
        row = page.locator('[data-part="broker"]')
        await expect(row).to_contain_text("no answer from the broker")
        house.report("broker", Level.OK, "running")
        await expect(row).to_contain_text("Running")


async def test_the_lamp_is_switched_by_hand(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        lamp = page.get_by_role("switch", name="Porch lamp")
        await expect(lamp).not_to_be_checked()
        await lamp.click()
        await expect(lamp).to_be_checked()
        assert house.devices.asked == [("porch_lamp", Switch(on=True))]
        await expect(page.get_by_role("switch", name="Garden pump")).to_be_disabled()
        await expect(page.get_by_role("switch", name="Heater")).to_be_disabled()
        await expect(page.locator('[data-device="heater"]')).to_contain_text("driven by Climate")


async def test_a_device_that_switched_by_itself_shows_it(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        lamp = page.get_by_role("switch", name="Porch lamp")
        await expect(lamp).not_to_be_checked()
        await house.devices.command("porch_lamp", Switch(on=True))
        told = Reading(
            device="porch_lamp", quantity=Quantity.SWITCH, value=1.0, unit="bool", stamp=house.parts.clock.now()
        )
        house.parts.hub.publish("reading", told)
        await expect(lamp).to_be_checked()


async def test_events_are_filtered_and_explained(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        cause = await house.happen(Kind.MOTION_BEGAN)
        await house.happen(Kind.FACE_UNKNOWN)
        await house.act(cause)
        await open_page(page, house, "Events")
        await expect(page.locator(".row")).to_have_count(2)
        await page.get_by_text("Porch lamp on · Done in 38 ms").click()
        chain = page.locator(".chain")
        await expect(chain).to_contain_text("Somebody moved in the garden after dark.")
        await expect(chain.locator("li")).to_have_count(4)
        await page.get_by_label("Unknown faces").check()
        await expect(page.locator(".row")).to_have_count(1)
        await expect(page.locator(".row")).to_contain_text("Somebody unknown")
        await page.get_by_label("What was done").check()
        await expect(page.locator(".row")).to_contain_text("by a rule")
        await page.get_by_label("Cameras", exact=True).check()
        await page.get_by_text("Nothing here").wait_for()


async def test_an_event_is_called_wrong_and_that_is_taken_back(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        event = await house.happen(Kind.FACE_UNKNOWN, source="garden")
        await house.happen(Kind.CAMERA_STATE, label="running")
        await open_page(page, house, "Events")
        assert house.parts.corrections is not None
        button = page.locator(".correction button")
        await expect(button).to_have_count(1)
        await button.click()
        await expect(button).to_have_text("Noted as wrong. Undo")
        assert await house.wrong(event) == 1
        await button.click()
        await expect(button).to_have_text("That is wrong")
        assert await house.wrong(event) == 0


def photos(*kinds: str) -> list[dict[str, object]]:
    return [{"name": f"{kind}.jpg", "mimeType": "image/jpeg", "buffer": crop(1)} for kind in kinds]


async def test_a_person_is_enrolled_and_forgotten(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        house.people.good = lambda photo: photo.startswith(b"\xff\xd8")
        await open_page(page, house, "People")
        await page.get_by_text("Nobody is enrolled").wait_for()
        await page.get_by_role("button", name="Enrol").click()
        await expect(page.locator(".enrol .error")).to_have_text("Please give a name.")
        await page.get_by_label("Name").fill("Ada")
        await page.locator("#choose").set_input_files(photos("one", "two", "three"))
        await expect(page.locator(".shelf li")).to_have_count(3)
        await page.get_by_role("button", name="Enrol").click()
        await expect(page.locator(".enrol .error")).to_have_text("Please confirm the consent.")
        await page.get_by_label("This person agreed").check()
        await page.get_by_role("button", name="Enrol").click()
        await expect(page.locator(".person")).to_contain_text("Ada")
        await expect(page.locator(".person")).to_contain_text(f"consent recorded by {USER}")
        assert all(photo.startswith(b"\xff\xd8") for photo in house.people.photos)
        await page.get_by_role("button", name="Forget Ada").click()
        await page.get_by_role("dialog").get_by_role("button", name="Keep").click()
        await expect(page.locator(".person")).to_have_count(1)
        await page.get_by_role("button", name="Forget Ada").click()
        await page.get_by_role("dialog").get_by_role("button", name="Forget").click()
        await page.get_by_text("Nobody is enrolled").wait_for()
        assert house.people.known == {}


async def test_each_poor_photo_says_why(tmp_path: Path) -> None:
    async with at_home(tmp_path, expected=("Failed to load resource",)) as (page, house):
        house.people.good = lambda _photo: False
        await open_page(page, house, "People")
        await page.get_by_label("Name").fill("Ada")
        poor = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}
        await page.locator("#choose").set_input_files([*photos("one", "two"), poor])
        await expect(page.locator(".enrol .error")).to_contain_text("notes.txt")
        await page.get_by_label("This person agreed").check()
        await page.get_by_role("button", name="Enrol").click()
        await expect(page.locator(".shelf li").first).to_contain_text("The face is too small")
        await expect(page.locator(".enrol .error")).to_contain_text("0 of 2 photos are good enough")
        await page.get_by_role("button", name="Remove photo 1").click()
        await expect(page.locator(".shelf li")).to_have_count(1)


async def test_safe_mode_says_where_the_configuration_is_wrong(tmp_path: Path) -> None:
    problem = Problem(file="gateway.yaml", line=12, path="cameras.door.url", message="must begin with rtsp://")
    async with open_house(tmp_path, cameras=(), problems=(problem,)) as house, visit() as page:
        await claim(page, house)
        await page.get_by_text("No cameras yet").wait_for()
        await expect(page.locator("#banner")).to_contain_text("Safe mode")
        await open_page(page, house, "System")
        await expect(page.locator(".problems")).to_contain_text("gateway.yaml:12")
        await expect(page.locator(".problems")).to_contain_text("must begin with rtsp://")


async def test_the_models_tell_what_they_run_on_and_how_long_they_take(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        await open_page(page, house, "System")
        await expect(page.locator(".models")).to_contain_text("No model is at work")
        run_models(house)
        await expect(page.locator(".accelerator")).to_contain_text("The Edge TPU is at work")
        serving = page.locator('[data-model="blazeface_full"][data-phase="serving"]')
        await expect(serving).to_contain_text("Edge TPU")
        await expect(serving.locator(".number")).to_have_text(["3.9 ms", "4.3 ms", "0.9 ms", "100", "1Tpu lost"])
        shadow = page.locator('[data-model="blazeface_full"][data-phase="shadow"]')
        await expect(shadow).to_contain_text("In the shadow")
        await expect(shadow.locator(".number")).to_have_text(["24 ms", "29 ms", "0.0 ms", "100", "0"])
        await expect(page.locator('[data-model="motion_grid"] .number').first).to_have_text("–")
        await expect(page.locator(".heat")).to_have_text("cpu-thermal 51 °C")
        house.report("accelerator", Level.DEGRADED, "cpu", "the device is gone")
        await expect(page.locator(".accelerator")).to_contain_text("does the Edge TPU’s work: the device is gone")


async def test_a_lost_connection_is_told_and_found_again(tmp_path: Path) -> None:
    async with visit(expected=("WebSocket", "ERR_", "Failed to load")) as page:
        async with open_house(tmp_path) as house:
            await claim(page, house)
            await page.get_by_text("Nothing has happened yet").wait_for()
            port = int(house.url.rpartition(":")[2])
        await expect(page.locator("#banner")).to_contain_text("connection to the gateway is lost")
        async with open_house(tmp_path, port=port) as again:
            event = await again.happen(Kind.MOTION_BEGAN)
            await expect(page.locator("#banner")).to_be_hidden()
            await expect(page.locator(f'[data-id="{event.id}"]')).to_be_visible()
            await until(page, "document.querySelector('.tile')?.dataset.mode === 'live'")


@pytest.mark.parametrize("colour", ["light", "dark"])
async def test_no_page_is_wider_than_a_phone(tmp_path: Path, colour: str) -> None:
    async with at_home(tmp_path, color_scheme=colour, **PHONE) as (page, house):
        await furnish(house)
        assert await page.evaluate("document.documentElement.dataset.theme") == colour
        for name in ("Home", "Events", "People", "System"):
            await page.get_by_role("navigation").get_by_role("link", name=name).click()
            await page.locator(".page .skeleton").wait_for(state="detached")
            wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name} is {wide} px too wide"


async def test_the_theme_is_switched_and_remembered(tmp_path: Path) -> None:
    async with at_home(tmp_path, color_scheme="light") as (page, _house):
        await page.get_by_role("button", name="Light or dark").click()
        await page.reload()
        assert await page.evaluate("document.documentElement.dataset.theme") == "dark"


async def test_the_keyboard_reaches_the_pages(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, _house):
        await page.get_by_role("navigation").get_by_role("link", name="Events").wait_for()
        await page.get_by_text("Nothing has happened yet").wait_for()
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "Skip to the page"
        for _ in range(3):
            await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "Events"
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", level=1, name="Events").wait_for()
        assert await page.evaluate("document.activeElement.tagName") == "H1"
