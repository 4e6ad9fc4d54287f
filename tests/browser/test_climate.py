"""The Climate page at work: what is shown of a room, what a person asks of it, how it looks on a phone."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import expect

from gateway.types.climate import Ask, Mode, Preset
from gateway.wire.climate import status_json
from tests.browser.conftest import at_home, until
from tests.browser.test_pages import PHONE, open_page

pytestmark = pytest.mark.integration
DRAWN = "document.querySelectorAll('.room .plot .measured').length === 2"


async def test_a_room_explains_itself(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        await open_page(page, house, "Climate")
        living, bedroom = page.locator('[data-room="living_room"]'), page.locator('[data-room="bedroom"]')
        await expect(living).to_contain_text("Heating since 05:42: 21.0 wanted at 06:30")
        await expect(living.get_by_label("Comfort")).to_be_checked()
        await expect(living.get_by_label("Schedule")).to_be_checked()
        await expect(bedroom.locator('[data-alarm="window_open"]')).to_contain_text("A window is open")
        await expect(bedroom.locator('[data-alarm="sensor_stuck"]')).to_have_attribute("data-level", "down")
        await living.get_by_text("How it was decided").click()
        await expect(living).to_contain_text("41 min a degree")
        await expect(living).to_contain_text("18 % at 1 h, 24 % at 3 h, 31 % at 6 h")


async def test_the_plot_shows_what_was_and_what_is_coming(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        await open_page(page, house, "Climate")
        await until(page, DRAWN)
        plot = page.locator('[data-room="living_room"] .plot')
        for name in ("measured", "wanted", "forecast", "band", "price"):
            assert len(str(await plot.locator(f".{name}").get_attribute("d"))) > 20, name
        assert await plot.locator(".heat:not(.planned)").count() > 3
        assert await plot.locator(".planned").count() >= 1
        assert await plot.locator(".open").count() >= 1
        assert "now" in str(await plot.get_attribute("aria-label"))
        box = await plot.bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 60)
        await expect(page.locator('[data-room="living_room"] .plot-read')).to_contain_text("about")
        await page.get_by_label("Week").check()
        await expect(plot.locator(".open")).to_have_count(7)


async def test_what_was_expected_lies_beside_what_came(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        await open_page(page, house, "Climate")
        await until(page, DRAWN)
        living = page.locator('[data-room="living_room"]')
        before = living.locator(".plot .foretold")
        await expect(living.locator(".plot-read")).to_contain_text(
            "Missed by 0.1 °C on average when expected 1 h before"
        )
        hour_before = str(await before.get_attribute("d"))
        await page.get_by_label("3 h before").check()
        await expect(living.locator(".plot-read")).to_contain_text(
            "Missed by 0.3 °C on average when expected 3 h before"
        )
        assert str(await before.get_attribute("d")) != hour_before
        box = await living.locator(".plot").bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 60)
        await expect(living.locator(".plot-read")).to_contain_text("expected 3 h before")
        await page.get_by_label("Nothing").check()
        await expect(before).to_have_attribute("d", "")


async def test_coming_prices_are_drawn_and_read(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        await open_page(page, house, "Climate")
        await until(page, DRAWN)
        living = page.locator('[data-room="living_room"]')
        now_x, price_x = await page.evaluate(
            "(() => { const plot = document.querySelector('[data-room=living_room] .plot');"
            " const price = plot.querySelector('.line.price').getBBox();"
            " return [Number(plot.querySelector('.now').getAttribute('x1')), price.x + price.width]; })()"
        )
        assert price_x > now_x + 50
        box = await living.locator(".plot").bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + box["width"] * 0.95, box["y"] + 60)
        await expect(living.locator(".plot-read")).to_contain_text("price ")


async def test_several_presses_are_one_wish(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        await open_page(page, house, "Climate")
        living = page.locator('[data-room="living_room"]')
        for _ in range(3):
            await living.get_by_role("button", name="warmer").click()
        await living.get_by_role("button", name="cooler").click()
        await expect(living.locator("output")).to_have_text("22.0 °C")
        await expect(page.locator("#say")).to_contain_text("Living room: 22.0")
        assert house.climate.asked == [Ask(room="living_room", target_c=22.0)]


async def test_presets_and_modes_are_chosen(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        await open_page(page, house, "Climate")
        bedroom = page.locator('[data-room="bedroom"]')
        await bedroom.get_by_label("Away").check()
        await bedroom.get_by_label("Off").check()
        await expect(page.locator("#say")).to_contain_text("Bedroom: Off")
        assert house.climate.asked == [Ask(room="bedroom", preset=Preset.AWAY), Ask(room="bedroom", mode=Mode.OFF)]


async def test_a_room_follows_by_itself(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        await open_page(page, house, "Climate")
        await until(page, DRAWN)
        status = house.climate.statuses["bedroom"]
        told = replace(status, temp_c=19.3, alarms=frozenset(), why="Heating again: the window is shut.", heating=True)
        house.parts.hub.publish("climate", status_json(told))
        bedroom = page.locator('[data-room="bedroom"]')
        await expect(bedroom.locator(".degrees")).to_have_text("19.3 °C")
        await expect(bedroom).to_contain_text("Heating again")
        await expect(bedroom.locator(".worries li")).to_have_count(0)


async def test_what_cannot_be_trusted_is_not_shown_as_true(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, house):
        status = house.climate.statuses["bedroom"]
        house.climate.statuses["bedroom"] = replace(status, trust=status.trust.__class__("silent"))
        del house.climate.statuses["living_room"]
        await open_page(page, house, "Climate")
        await expect(page.locator('[data-room="bedroom"] .degrees')).to_have_text("– °C")
        await expect(page.locator('[data-room="living_room"]')).to_contain_text("No word from this room yet")


async def test_it_fits_a_phone_in_the_dark(tmp_path: Path) -> None:
    async with at_home(tmp_path, color_scheme="dark", **PHONE) as (page, house):
        await open_page(page, house, "Climate")
        await until(page, DRAWN)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = await page.evaluate(
            "[...document.querySelectorAll('.room button, .room .chips span')].filter((one) =>"
            " one.getBoundingClientRect().height < 43).length"
        )
        assert small == 0
