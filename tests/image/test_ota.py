"""An update of the whole root on a PC, asked for on its page: refused, cut off, tried, given up and kept. The order of
the tests counts: each begins on slot A and leaves the machine there, but the last."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.image.browser import Browser
from tests.image.machine import MEDIA, Machine
from tests.image.offers import NEWER
from tests.image.vm import Failed

pytestmark = [pytest.mark.image, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module", autouse=True)
def switched_off_at_the_end(machine: Machine) -> Iterator[None]:
    """What comes after this file needs the processor, not the machine."""
    yield
    machine.vm.power_off()


@pytest.fixture(autouse=True)
def bundles_at_hand(machine: Machine, browser: Browser) -> None:
    browser.wait()
    browser.own(machine)
    machine.see_media()


def install(browser: Browser, origin: str, name: str) -> None:
    browser.post("machine/install", {"origin": origin, "name": f"{name}.raucb"})


def shown(browser: Browser) -> Any:
    """What the page tells of updates."""
    return browser.get("machine")["machine"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("truncated", "bundle_invalid"),
        ("unsigned", "bundle_invalid"),
        ("stranger", "bundle_signature"),
        ("older", "downgrade"),
        ("toaster", "wrong_board"),
    ],
)
def test_what_is_not_whole_ours_newer_and_for_this_board_touches_no_slot(
    machine: Machine, browser: Browser, offers: dict[str, Path], name: str, reason: str
) -> None:
    before = machine.boot_loader
    browser.upload(offers[name])
    install(browser, "upload", name)
    assert machine.wait_for_end(timeout=300)["state"] == "failed"
    told = shown(browser)
    assert told["key"] == reason
    assert told["because"]
    assert machine.boot_loader == before
    assert machine.written("root-a") == 0
    assert machine.written("root-b") == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [("older", "downgrade: 0.0.1 is older than"), ("toaster", "wrong_board: made for hearthgate-toaster")],
)
def test_a_bundle_s_own_check_refuses_whoever_asks_for_it(machine: Machine, name: str, reason: str) -> None:
    with pytest.raises(Failed, match=reason):
        machine.vm.run(f"rauc install {MEDIA}/{name}.raucb 2>&1", timeout=300)
    assert machine.written("root-b") == 0


def test_a_bit_that_flipped_is_found_and_never_started(machine: Machine, browser: Browser) -> None:
    install(browser, "stick", "flipped")
    told = machine.wait_for_end(timeout=600)
    assert (told["state"], told["key"]) == ("failed", "install_failed")
    assert machine.boot_loader["B_OK"] == "0"
    assert machine.written("root-a") == 0


def test_a_power_cut_during_the_installation_starts_what_was_running_and_the_installation_goes_on(
    machine: Machine, browser: Browser, figures: dict[str, float]
) -> None:
    before = machine.identity
    begun = machine.written("root-b")
    install(browser, "stick", "newer")
    machine.wait_for_writing("root-b", begun + (20 << 20))
    machine.start_again()
    assert machine.slot == "A"
    assert machine.identity == before
    browser.wait()
    figures["the page of another start after the kernel began, s"] = machine.up_s
    assert browser.get("session")["user"] == "owner"
    assert machine.wait_for_end(timeout=900)["state"] == "installed"


def test_what_nobody_confirms_goes_by_itself_and_the_page_says_why(machine: Machine, browser: Browser) -> None:
    older = machine.version
    machine.start_what_was_installed()
    assert (machine.slot, machine.version) == ("B", NEWER)
    assert machine.wait_for_state("trying", timeout=300)["confirmed"] is False
    machine.vm.power_off()
    machine.vm.power_on()
    machine.vm.wait_for_line("Slot B: ")  # its second attempt, counted before its kernel is loaded
    machine.start_again()
    assert (machine.slot, machine.version) == ("A", older)
    browser.wait()
    told = shown(browser)
    assert (told["state"], told["slot"]) == ("rolled_back", "A")
    assert told["because"]
    assert NEWER in {one["version"] for one in told["history"]}


def test_what_was_confirmed_stays(machine: Machine, browser: Browser) -> None:
    install(browser, "stick", "newer")
    machine.wait_for_state("installed", timeout=900)
    machine.start_what_was_installed()
    told = machine.wait_for_state("confirmed", timeout=900)
    assert (told["slot"], told["version"]) == ("B", NEWER)
    assert machine.boot_loader["B_TRY"] == "0"
    machine.start_again()
    assert (machine.slot, machine.version) == ("B", NEWER)
    browser.wait()
    assert shown(browser)["state"] == "confirmed"
