"""What comes with owning a machine besides its updates: to log in by key, to be alone on it, to have it forget."""

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.image.browser import Browser
from tests.image.home import flashed
from tests.image.image import find
from tests.image.machine import Machine, running
from tests.image.vm import CLOSED_PORT

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(3600)]

NAME = "A home under test"
GRUBENV = "/boot/efi/EFI/BOOT/grubenv"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
    return file


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Iterator[Machine]:
    """Flashed with settings and a key, started for the first time."""
    folder = tmp_path_factory.mktemp("owned")
    image = flashed(find("x86_64"), folder)
    fat = f"{image.disk}@@{image.start('hearthgate')}"
    subprocess.run(["mcopy", "-i", fat, key.with_suffix(".pub"), "::authorized_keys"], check=True)
    with running(image, folder) as machine:
        Browser(machine).wait()
        yield machine


def log_in(machine: Machine, *options: str) -> "subprocess.CompletedProcess[str]":
    asked = ["ssh", "-p", str(machine.vm.ssh_port), "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"]
    asked += ["-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=60", *options]
    told = [*asked, "root@127.0.0.1", "hostname; hearthgate --version"]
    return subprocess.run(told, capture_output=True, text=True, check=False, timeout=300)


def test_whose_key_was_on_the_stick_logs_in_and_nobody_else(owned: Machine, key: Path) -> None:
    told = log_in(owned, "-i", str(key))
    assert told.stdout.split()[0] == owned.vm.run("hostname"), told.stderr
    assert "hearthgate" in told.stdout.splitlines()[1]
    refused = log_in(owned, "-o", "IdentitiesOnly=yes", "-o", "IdentityFile=/dev/null")
    assert (refused.returncode, refused.stdout) == (255, "")
    assert "Permission denied (publickey)" in refused.stderr


def test_what_listens_by_mistake_is_not_reached(owned: Machine) -> None:
    owned.vm.run(f"systemd-run --quiet --unit=mistake python3 -m http.server {CLOSED_PORT}")
    owned.vm.wait_until(f"ss -Hltn | grep -q ':{CLOSED_PORT} '")
    try:
        assert answered(owned.vm.http_port)
        assert answered(owned.vm.closed_port) == b""
    finally:
        owned.vm.run("systemctl stop mistake")


def answered(port: int) -> bytes:
    """The emulator itself takes every connection: what counts is whether anybody speaks."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall(b"GET / HTTP/1.0\r\n\r\n")
        try:
            return link.recv(100)
        except (TimeoutError, ConnectionError):
            return b""


def by_file(machine: Machine, _browser: Browser) -> None:
    """As Windows calls it."""
    machine.vm.run("touch /boot/hearthgate/FACTORY_RESET.txt && sync")
    machine.start_again()


def by_kernel_argument(machine: Machine, _browser: Browser) -> None:
    machine.vm.run(f"grub-editenv {GRUBENV} set ARGS=hearthgate.wipe=1 && sync")
    machine.start_again()
    assert "hearthgate.wipe=1" in machine.vm.run("cat /proc/cmdline").split()
    assert machine.boot_loader["ARGS"] == "", "for one start only"


def by_page(machine: Machine, browser: Browser) -> None:
    before = machine.vm.boot_id()
    browser.post("machine/reset", {"sure": machine.vm.run("hostname")})
    machine.vm.wait_for_boot(before)


@pytest.mark.parametrize("ask", [by_file, by_kernel_argument, by_page])
def test_a_factory_reset_forgets_whose_it_was(owned: Machine, ask: Callable[[Machine, Browser], None]) -> None:
    browser = Browser(owned)
    browser.wait()
    browser.own(owned)
    assert browser.get("session")["claimed"] is True
    before = owned.identity.splitlines()
    ask(owned, browser)
    anew = Browser(owned)
    anew.wait()
    assert anew.get("session") == {"claimed": False, "user": None}
    name, _, certificate = owned.identity.splitlines()
    assert name == before[0]
    assert certificate != before[2]
    assert owned.vm.run("cat /data/etc/machine-id 2>/dev/null || true") == "", "the next start draws another"
    assert NAME not in owned.vm.run("cat /etc/hearthgate/gateway.yaml")
    assert owned.vm.run("find /data /boot/hearthgate -name 'FACTORY_RESET*' -o -name authorized_keys") == ""
    assert owned.vm.run("systemctl --failed --no-legend --plain") == ""
