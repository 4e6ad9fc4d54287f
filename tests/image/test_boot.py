"""From a flashed medium to a page that is somebody's, with cameras that saw something: as a stranger would do it."""

import socket
import ssl
import time
import urllib.error

import pytest

from tests.image.browser import OWNER, Browser
from tests.image.machine import Machine

pytestmark = [pytest.mark.image, pytest.mark.timeout(1800)]


def test_the_page_can_be_claimed_with_the_code_from_the_stick_and_shows_what_moved(
    machine: Machine, browser: Browser, figures: dict[str, float]
) -> None:
    figures["the page of a first start after the kernel began, s"] = machine.up_s
    assert browser.get("session") == {"claimed": False, "user": None}
    with pytest.raises(urllib.error.HTTPError):
        browser.post("claim", OWNER | {"code": "AAAA-AAAA-AAAA"})
    browser.own(machine)
    assert browser.get("session")["user"] == OWNER["user"]
    deadline = time.monotonic() + 300
    while not (events := browser.get("events?kind=motion.began")["events"]):
        assert time.monotonic() < deadline, browser.get("system")
        time.sleep(2)
    assert events[0]["source"] in {"clip", "second"}


def test_plain_http_leads_to_the_same_name_over_tls(machine: Machine, browser: Browser) -> None:
    with socket.create_connection(("127.0.0.1", machine.vm.http_port), timeout=30) as link:
        link.sendall(b"GET /live HTTP/1.1\r\nHost: hearthgate-1234.local\r\nConnection: close\r\n\r\n")
        answer = link.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 30")
    assert "\r\nLocation: https://hearthgate-1234.local/live\r\n" in answer


def test_who_believes_the_authority_on_the_page_is_not_warned(machine: Machine, browser: Browser) -> None:
    believing = ssl.create_default_context(cadata=browser.fetch("authority.crt").decode())
    name = f"{machine.vm.run('hostname').strip()}.local"
    for port in (machine.vm.https_port, machine.vm.mqtts_port):
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30) as link,
            believing.wrap_socket(link, server_hostname=name) as seen,
        ):
            assert seen.version() in {"TLSv1.2", "TLSv1.3"}


def test_what_was_laid_on_the_stick_was_taken_over(machine: Machine) -> None:
    assert "A home under test" in machine.vm.run("cat /etc/hearthgate/gateway.yaml")
    assert "hearthgate.yaml" in machine.vm.run("cat /var/lib/hearthgate-updater/imported.json")


def test_nothing_failed_and_nothing_else_listens(machine: Machine, browser: Browser) -> None:
    assert machine.vm.run("systemctl --failed --no-legend --plain") == ""
    listening = machine.vm.run("ss -Hltn | awk '{print $4}'").split()
    open_to_all = {address.rpartition(":")[2] for address in listening if not address.startswith(("127.", "[::1]"))}
    assert open_to_all == {"80", "443", "8883"}


def test_this_machine_is_not_any_other(machine: Machine) -> None:
    assert machine.vm.run("hostname").startswith("hearthgate-")
    assert len(machine.vm.run("cat /etc/machine-id")) == 32
    assert machine.vm.run("findmnt -no OPTIONS /").startswith("ro")


def test_the_data_partition_has_grown_over_the_medium(machine: Machine) -> None:
    assert int(machine.vm.run("df --output=size -BM /data | tail -1").strip("M ")) > 3000


def test_it_fits_into_a_small_machine(machine: Machine, browser: Browser, figures: dict[str, float]) -> None:
    total, available = (
        int(machine.vm.run(f"awk '/^{name}:/ {{print $2}}' /proc/meminfo")) >> 10
        for name in ("MemTotal", "MemAvailable")
    )
    figures["memory in use with two cameras, MiB"] = total - available
    assert total - available <= 400


def test_every_boot_is_confirmed_the_first_one_too(machine: Machine, browser: Browser) -> None:
    assert machine.slot == "A"
    machine.vm.wait_until("grub-editenv /boot/efi/EFI/BOOT/grubenv list | grep -qx A_TRY=0", timeout=900)
    told = machine.ask(ask="status")["machine"]
    assert isinstance(told, dict)
    assert told["confirmed"] is True
