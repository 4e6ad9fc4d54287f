"""What leaves the home and what its hub wants of it, as people read it."""

from typing import Any

import pytest

from gateway.testing.clock import FakeClock
from gateway.web.auth import Auth
from gateway.web.server import serve
from tests.browser.conftest import visit
from tests.unit.web.conftest import PASSWORD, USER
from tests.unit.web.fakes import MemoryKeyValue, make_parts
from tests.unit.web.test_uplink import BODY, FakeUplink

pytestmark = pytest.mark.integration

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("context", [{}, PHONE], ids=["desk", "phone"])
async def test_what_left_and_what_the_hub_brings_can_be_read(context: dict[str, Any]) -> None:
    clock = FakeClock(auto=True)
    async with Auth(MemoryKeyValue(), clock) as auth, visit(**context) as page:  # noqa: SIM117 - the page outlives the server
        async with serve(make_parts(auth, clock, uplink=FakeUplink())) as running:
            await page.goto(f"{running.url}login#code={auth.claim_code()}")
            await page.get_by_label("User name").fill(USER)
            await page.get_by_label("Password", exact=True).fill(PASSWORD)
            await page.get_by_role("button", name="Make it mine").click()
            await page.get_by_role("link", name="Privacy").click()
            assert await page.locator("ol.bytes code").first.inner_text() == BODY.decode()
            rows = page.get_by_role("region", name="Offers").locator("tbody tr")
            assert "Model porch" in (await rows.nth(0).inner_text())
            assert "on trial" in await rows.nth(0).inner_text()
            ended = (await rows.nth(1).inner_text()).lower()
            assert all(words in ended for words in ("system", "did not work", "image unsupported", "has not heard yet"))
            await page.get_by_text("Its wish 4 for settings was not taken:").wait_for()
            await page.get_by_text("climate.away_c").wait_for()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await page.goto("about:blank")
