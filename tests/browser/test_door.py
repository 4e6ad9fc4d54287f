"""The door in a real browser: claiming, signing in and out, and what a stranger sees."""

from pathlib import Path

import pytest

from tests.browser.conftest import PASSWORD, USER, at_home

pytestmark = pytest.mark.integration

REFUSED = "Failed to load resource"  # the browser's own line about a 401 or 403


async def test_a_stranger_is_led_to_the_door(tmp_path: Path) -> None:
    async with at_home(tmp_path, claimed=False) as (page, house):
        for path in ("/", "/events", "/people", "/system"):
            await page.goto(house.url + path)
            assert page.url == f"{house.url}/login"
        await page.get_by_role("heading", name="Claim your gateway").wait_for()


async def test_claiming_tells_what_is_wrong_and_then_opens(tmp_path: Path) -> None:
    async with at_home(tmp_path, claimed=False, expected=(REFUSED,)) as (page, house):
        await page.goto(f"{house.url}/login")
        await page.get_by_label("Claim code").fill("AAAA-BBBB-CCCC")
        await page.get_by_role("button", name="Make it mine").click()
        assert "user name" in await page.get_by_role("alert").inner_text()
        await page.get_by_label("User name").fill(USER)
        await page.get_by_label("Password", exact=True).fill("short")
        await page.get_by_role("button", name="Make it mine").click()
        await page.get_by_text("That is not the code").wait_for()
        await page.get_by_label("Claim code").fill(str(house.parts.auth.claim_code()).lower())
        await page.get_by_role("button", name="Make it mine").click()
        await page.get_by_text("The password needs at least 10 characters").wait_for()
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Make it mine").click()
        await page.wait_for_url(f"{house.url}/")


async def test_the_printed_link_fills_in_the_code_and_forgets_it(tmp_path: Path) -> None:
    async with at_home(tmp_path, claimed=False) as (page, house):
        code = house.parts.auth.claim_code()
        await page.goto(f"{house.url}/login#code={code}")
        await page.get_by_role("heading", name="Claim your gateway").wait_for()
        assert await page.get_by_label("Claim code").input_value() == code
        assert page.url == f"{house.url}/login"


async def test_sign_out_wrong_password_sign_in(tmp_path: Path) -> None:
    async with at_home(tmp_path, expected=(REFUSED, "WebSocket")) as (page, house):
        await page.get_by_role("button", name="Sign out").click()
        await page.get_by_role("heading", name="Welcome back").wait_for()
        assert await page.get_by_label("Claim code").is_hidden()
        await page.get_by_label("User name").fill(USER)
        await page.get_by_label("Password", exact=True).fill("not the password")
        await page.keyboard.press("Enter")
        await page.get_by_text("User name and password do not match.").wait_for()
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{house.url}/")


async def test_scripts_cannot_read_the_session(tmp_path: Path) -> None:
    async with at_home(tmp_path) as (page, _house):
        assert await page.evaluate("document.cookie") == ""
        (cookie,) = await page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")


async def test_the_policy_stops_markup_and_inline_scripts(tmp_path: Path) -> None:
    async with at_home(tmp_path, claimed=False, expected=("Content Security Policy", "TrustedHTML", "Trusted")) as (
        page,
        house,
    ):
        await page.goto(f"{house.url}/login")
        refused = await page.evaluate(
            "() => { try { document.body.innerHTML = '<i>'; return ''; } catch (e) { return e.name; } }"
        )
        assert refused == "TypeError"
        stopped = await page.evaluate(
            """() => new Promise((done) => {
               document.addEventListener('securitypolicyviolation', (e) => done(e.violatedDirective));
               document.body.append(Object.assign(document.createElement('img'), { src: 'http://192.0.2.1/x.png' }));
            })"""
        )
        assert stopped == "img-src"
