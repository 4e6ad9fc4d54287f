"""Headless Chromium from Debian; whatever it complains about fails the test."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from tests.browser.house import House, open_house

USER, PASSWORD = "ida", "three quiet words"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def visit(*, expected: tuple[str, ...] = (), **context: Any) -> AsyncIterator[Page]:
    """A page in a fresh browser. Every console error, uncaught exception and broken policy fails the test, save
    those with one of the `expected` texts in them."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("Debian's chromium is not installed")
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = await browser.new_page(**context)
        page.set_default_timeout(20_000)
        page.on("console", lambda told: complaints.append(told.text) if told.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        await browser.close()
    left = [text for text in complaints if not any(one in text for one in expected)]
    assert not left, left


@asynccontextmanager
async def at_home(
    folder: Path, *, expected: tuple[str, ...] = (), claimed: bool = True, **context: Any
) -> AsyncIterator[tuple[Page, House]]:
    """A page at a fresh house, inside unless it is not `claimed`."""
    async with open_house(folder) as house, visit(expected=expected, **context) as page:
        if claimed:
            await claim(page, house)
        yield page, house


async def until(page: Page, expression: str, limit_s: float = 20) -> None:
    """Wait for a JavaScript expression to be true. Playwright's own waiting evaluates inside the page, which the
    page's policy rightly refuses."""
    async with asyncio.timeout(limit_s):
        while not await page.evaluate(expression):  # noqa: ASYNC110  # the condition lives in another process
            await asyncio.sleep(0.05)


async def claim(page: Page, house: House) -> None:
    """Make the house ours and wait for its first page."""
    await page.goto(f"{house.url}/login#code={house.parts.auth.claim_code()}")
    await page.get_by_label("User name").fill(USER)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Make it mine").click()
    await page.get_by_role("heading", level=1).wait_for()
    await page.wait_for_url(f"{house.url}/")
