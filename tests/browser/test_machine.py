"""Updates in a real browser, above an updater that pretends on a real socket."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from gateway.testing.updater import FakeUpdater, answering, machine
from gateway.updates.client import UpdaterClient
from gateway.updates.inbox import Inbox
from gateway.web.authority import Authority
from gateway.web.parts import Underneath
from gateway.wire.summary import UpdateState
from gateway.wire.update import FactoryReset, GoBack, Imported, Install, Origin, Reboot, Step
from tests.browser.conftest import claim, until, visit
from tests.browser.house import open_house
from tests.unit.web.fakes import FakeAccounts

pytestmark = pytest.mark.integration

NAME = "hearthgate-x86_64-2.0.0.raucb"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@dataclass
class Below:
    """The machine under the house. `failing` are checks that do not pass."""

    updater: FakeUpdater
    folder: Path
    failing: tuple[str, ...] = ()


@asynccontextmanager
async def at_updates(
    folder: Path, updater: FakeUpdater | None, *, expected: tuple[str, ...] = (), **context: Any
) -> AsyncIterator[tuple[Page, Below]]:
    below = Below(updater=updater or FakeUpdater(), folder=folder)
    under = Underneath(
        updater=UpdaterClient(folder / "socket"),
        inbox=Inbox(folder / "updates", reserve_bytes=0),
        failing=lambda: below.failing,
    )
    async with open_house(folder, cameras=(), machine=under) as house, visit(expected=expected, **context) as page:
        await claim(page, house)
        if updater is None:
            yield page, below
            return
        async with answering(updater, folder / "socket"):
            await page.get_by_role("navigation").get_by_role("link", name="System").click()
            await page.get_by_role("link", name="Updates, going back").click()
            await page.get_by_role("heading", level=2, name="This machine").wait_for()
            yield page, below


async def test_a_bundle_is_uploaded_installed_and_started(tmp_path: Path) -> None:
    data = os.urandom(5_000_000)
    (tmp_path / NAME).write_bytes(data)
    updater = FakeUpdater(bundles={NAME: "2.0.0"})
    async with at_updates(tmp_path, updater) as (page, below):
        await expect(page.get_by_role("link", name="System")).to_have_attribute("aria-current", "page")
        await page.locator("#bundle").set_input_files(tmp_path / NAME)
        await expect(page.get_by_text(hashlib.sha256(data).hexdigest())).to_be_visible()
        assert (below.folder / "updates" / NAME).read_bytes() == data
        await page.get_by_role("button", name="Install", exact=True).click()
        updater.machine = updater.machine.model_copy(update={"done": 0.42})
        await expect(page.get_by_text("Writing to the other slot: version 2.0.0")).to_be_visible()
        await expect(page.get_by_text("42 %")).to_be_visible()
        await expect(page.get_by_role("progressbar", name="Writing")).to_have_attribute("value", "0.42")
        updater.install_finishes()
        await page.get_by_role("button", name="Start 2.0.0 now").click()
        await expect(page.get_by_text("The machine restarts.")).to_be_visible()
        assert isinstance(next(one for one in updater.heard if isinstance(one, Install | Reboot)), Install)
        assert any(isinstance(one, Reboot) for one in updater.heard)
        updater.boot()
        below.failing = ("models",)
        updater.machine = updater.machine.model_copy(update={"failing": ("models",)})
        await expect(page.get_by_text("Version 2.0.0 is on trial.")).to_be_visible()
        await expect(page.locator('[data-check="models"]')).to_have_attribute("data-level", "degraded")
        below.failing = ()
        updater.confirm()
        await expect(page.get_by_text("Version 2.0.0 was started and found well.")).to_be_visible()


async def test_an_upload_that_broke_off_goes_on(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / NAME).write_bytes(data)
    inbox = Inbox(tmp_path / "updates", reserve_bytes=0)
    inbox.put(NAME, 0, len(data), data[:1_000_000])
    async with at_updates(tmp_path, FakeUpdater()) as (page, below):
        await expect(page.get_by_text("33 % here; choose the same file to go on")).to_be_visible()
        await page.locator("#bundle").set_input_files(tmp_path / NAME)
        await expect(page.get_by_text(hashlib.sha256(data).hexdigest())).to_be_visible()
        assert (below.folder / "updates" / NAME).read_bytes() == data
        await page.get_by_role("button", name=f"Throw {NAME} away").click()
        await expect(page.get_by_text(NAME)).to_have_count(0)


def fallen_back() -> FakeUpdater:
    """A home where a new version was not well, and more has happened."""
    updater = FakeUpdater(machine(state=UpdateState.DOWNLOADING, target="2.0.0", origin=Origin.UPLOAD, other="0.9.0"))
    updater.install_finishes("bundle_signature")
    updater.machine = updater.machine.model_copy(update={"state": UpdateState.DOWNLOADING, "origin": Origin.HUB})
    updater.install_finishes()
    updater.boot()
    updater.fall_back("models", "page_silent")
    refused = Imported(file="hearthgate.yaml", key="config_invalid", detail="line 3: cameras: no such key")
    updater.machine = updater.machine.model_copy(
        update={"imported": (Imported(file="network/home.nmconnection"), refused), "sticks": ("hearthgate-3.raucb",)}
    )
    return updater


async def test_the_reason_of_a_roll_back_is_told(tmp_path: Path) -> None:
    async with at_updates(tmp_path, fallen_back()) as (page, _below):
        told = page.locator(".card", has=page.get_by_role("heading", name="This machine"))
        await expect(told).to_contain_text("Version 2.0.0 was not well. Version 1.0.0 is back by itself.")
        await expect(told).to_contain_text("a model does not give its known answers (the page did not answer)")
        history = page.get_by_role("region", name="History")
        await expect(history).to_contain_text("nobody that this gateway trusts has signed it")
        await expect(page.get_by_text("line 3: cameras: no such key")).to_be_visible()
        await expect(page.get_by_role("button", name="Go back to 2.0.0")).to_have_count(0)


STANDING: dict[str, tuple[dict[str, Any], list[str]]] = {
    "trying": (
        {"state": UpdateState.TRYING, "confirmed": False, "failing": ("models",), "other": "0.9.0"},
        ["is on trial", "a model does not give its known answers", "version 0.9.0 comes back by itself"],
    ),
    "just-started": (
        {"state": UpdateState.IDLE, "confirmed": False, "failing": ("config",), "other": "0.9.0"},
        ["has started", "the configuration cannot be read", "It stays all the same"],
    ),
    "fetching": (
        {"state": UpdateState.DOWNLOADING, "step": Step.FETCHING, "done": 0.3, "origin": Origin.HUB}
        | {"key": "download_failed", "detail": "nothing comes any more"},
        ["Fetching · 30 %", "Trying again: it could not be fetched (nothing comes any more)."],
    ),
    "installed": (
        {"state": UpdateState.INSTALLED, "target": "2.0.0", "other": "2.0.0", "origin": Origin.UPLOAD}
        | {"key": "restart_refused"},
        ["is in the other slot. It starts when you say so.", "It was not started: the machine would not restart."],
    ),
    "failed": (
        {"state": UpdateState.FAILED, "key": "wrong_board", "detail": "bundle hearthgate-rpi"},
        ["The update could not be installed.", "for another kind of machine", "Version 1.0.0 goes on as before."],
    ),
    "not-started": (
        {"state": UpdateState.ROLLED_BACK, "target": "2.0.0", "other": "2.0.0", "key": "not_started"},
        ["Version 2.0.0 did not start. Version 1.0.0 goes on as before."],
    ),
    "fell-back": (
        {"state": UpdateState.ROLLED_BACK, "target": "2.0.0", "other": "2.0.0", "key": "fell_back"},
        ["The machine is back in version 1.0.0.", "two starts that were cut off or hung", "Start 2.0.0 again"],
    ),
}


@pytest.mark.parametrize("name", [*STANDING])
async def test_what_is_told_is_a_sentence(tmp_path: Path, name: str) -> None:
    changes, expected = STANDING[name]
    async with at_updates(tmp_path, FakeUpdater(machine(**changes))) as (page, _below):
        told = page.locator(".card", has=page.get_by_role("heading", name="This machine"))
        for text in expected:
            await expect(told).to_contain_text(text)
        await _picture(page, f"standing-{name}")


async def _picture(page: Page, name: str) -> None:
    folder = os.environ.get("HEARTHGATE_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def test_a_person_goes_back_to_the_version_before(tmp_path: Path) -> None:
    updater = FakeUpdater(machine(state=UpdateState.CONFIRMED, target="1.0.0", other="0.9.0"))
    async with at_updates(tmp_path, updater) as (page, _below):
        await page.get_by_role("button", name="Go back to 0.9.0").click()
        await page.get_by_role("dialog").get_by_role("button", name="Go back to 0.9.0").click()
        await expect(page.get_by_text("The machine restarts.")).to_be_visible()
        assert any(isinstance(one, GoBack) for one in updater.heard)


async def test_a_factory_reset_takes_the_name_of_the_machine(tmp_path: Path) -> None:
    async with at_updates(tmp_path, FakeUpdater(), expected=("400",)) as (page, below):
        for typed, asked in (("something else", 0), (os.uname().nodename, 1)):
            await page.get_by_role("button", name="Forget everything…").click()
            await page.get_by_role("dialog").get_by_role("textbox").fill(typed)
            await page.get_by_role("dialog").get_by_role("button", name="Forget everything").click()
            if not asked:
                await expect(page.locator("#say")).to_contain_text("Please type the name of this machine")
            await until(page, "!document.querySelector('dialog')")
        async with asyncio.timeout(20):
            while not any(isinstance(one, FactoryReset) for one in below.updater.heard):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert sum(isinstance(one, FactoryReset) for one in below.updater.heard) == 1


async def test_a_device_gets_an_account_at_the_broker(tmp_path: Path) -> None:
    accounts = FakeAccounts("heater")
    async with (
        open_house(tmp_path, cameras=(), accounts=accounts) as house,
        visit(expected=("400",)) as page,
    ):
        await claim(page, house)
        await page.get_by_role("navigation").get_by_role("link", name="System").click()
        card = page.locator(".card", has=page.get_by_role("heading", name="Devices at the broker"))
        await card.get_by_label("Name of a device").fill("no name")
        await card.get_by_role("button", name="Add an account").click()
        await expect(card).to_contain_text("A name has 1 to 63 small letters")
        await card.get_by_label("Name of a device").fill("lamp")
        await card.get_by_role("button", name="Add an account").click()
        await expect(card).to_contain_text("secret of lamp")
        await _picture(page, "accounts")
        await card.get_by_role("button", name="Take away heater").click()
        await page.get_by_role("dialog").get_by_role("button", name="Take it away").click()
        await expect(card).to_contain_text("heater has no account any more.")
        await expect(card).not_to_contain_text("secret of lamp")
    assert accounts.held == ["lamp"]


async def test_the_certificate_of_the_house_can_be_saved(tmp_path: Path) -> None:
    authority = Authority(
        name="hearthgate-ab12 house authority",
        until=datetime(2056, 11, 14, tzinfo=UTC),
        sha256="AB:" * 31 + "CD",
        pem=b"a PEM",
    )
    async with open_house(tmp_path, cameras=(), authority=lambda: authority) as house, visit() as page:
        await claim(page, house)
        await page.get_by_role("navigation").get_by_role("link", name="System").click()
        card = page.locator(".card", has=page.get_by_role("heading", name="Certificate"))
        await expect(card).to_contain_text("good until 2056-11-14")
        await expect(card).to_contain_text(authority.sha256)
        await _picture(page, "certificate")
        async with page.expect_download() as coming:
            await card.get_by_role("link", name="Save the certificate").click()
        saved = await coming.value
        assert saved.suggested_filename == "hearthgate-ab12-house-authority.crt"
        assert (await saved.path()).read_bytes() == authority.pem


async def test_without_an_updater_the_page_says_so(tmp_path: Path) -> None:
    async with at_updates(tmp_path, None) as (page, _below):
        await page.get_by_role("navigation").get_by_role("link", name="System").click()
        await expect(page.get_by_text("There is no updater on this machine")).to_be_visible()
        await page.get_by_role("link", name="Updates, going back").click()
        await expect(page.get_by_role("heading", name="Is all well here?")).to_be_visible()
        await expect(page.get_by_role("heading", name="Get an update")).to_have_count(0)
        await expect(page.get_by_role("heading", name="Factory reset")).to_have_count(0)


@pytest.mark.parametrize(
    "look", [{"color_scheme": "light"}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"]
)
async def test_nothing_is_wider_than_the_screen(tmp_path: Path, look: dict[str, Any]) -> None:
    async with at_updates(tmp_path, fallen_back(), **look) as (page, _below):
        await until(page, "document.documentElement.scrollWidth <= innerWidth")
        await _picture(page, f"updates-{look.get('color_scheme', 'phone')}")
