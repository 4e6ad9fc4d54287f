"""Live pictures in a real browser, decoded from what the real camera source read."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.conftest import at_home, claim, until

pytestmark = pytest.mark.integration

MODE = "document.querySelector('.tile')?.dataset.mode"
SPREAD = """(selector) => {
  const canvas = document.createElement('canvas');
  canvas.width = 64; canvas.height = 36;
  const pen = canvas.getContext('2d');
  pen.drawImage(document.querySelector(selector), 0, 0, 64, 36);
  const { data } = pen.getImageData(0, 0, 64, 36);
  const greens = Array.from({ length: 64 * 36 }, (_, i) => data[4 * i + 1]);
  return Math.max(...greens) - Math.min(...greens);
}"""
"""How far the brightest and the darkest green of the picture lie apart: 0 where it is blank."""


async def wait_for_mode(page: Page, mode: str) -> None:
    await until(page, f"{MODE} === '{mode}'")


async def test_the_camera_plays_and_goes_on_playing(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, _house):
        await wait_for_mode(page, "live")
        began = await page.evaluate("document.querySelector('.tile video').currentTime")
        await until(page, f"document.querySelector('.tile video').currentTime > {began} + 1")
        assert await page.evaluate("document.querySelector('.tile video').videoWidth") == 640
        assert await page.evaluate(SPREAD, ".tile video") > 50


async def test_the_picture_stays_close_to_now(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, _house):
        await wait_for_mode(page, "live")
        await until(
            page,
            """(() => { const v = document.querySelector('.tile video');
               return v.buffered.length && v.buffered.end(v.buffered.length - 1) - v.currentTime < 4; })()""",
        )


@pytest.mark.parametrize(
    "without",
    [
        "delete window.MediaSource; delete window.ManagedMediaSource;",
        "MediaSource.isTypeSupported = () => false;",
    ],
)
async def test_a_browser_that_cannot_play_it_gets_pictures(tmp_path: Path, without: str) -> None:
    async with at_home(tmp_path, claimed=False) as (page, house):
        await page.add_init_script(without)
        await claim(page, house)
        await wait_for_mode(page, "still")
        assert await page.evaluate(SPREAD, ".tile img") > 50
        first = await page.evaluate("document.querySelector('.tile img').src")
        await until(page, f"document.querySelector('.tile img').src !== '{first}'")
        await wait_for_mode(page, "still")


async def test_mjpeg_shows_in_an_image(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, _house):
        await page.evaluate(
            """() => { const image = document.createElement('img'); image.id = 'mjpeg';
               image.src = '/api/v1/cameras/garden/mjpeg?width=320'; document.body.append(image); }"""
        )
        await until(page, "document.querySelector('#mjpeg').naturalWidth === 320")
        assert await page.evaluate(SPREAD, "#mjpeg") > 50
