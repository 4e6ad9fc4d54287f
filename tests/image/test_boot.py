"""From a flashed medium to a page that is somebody's, with a camera that saw something: as a stranger would do it."""

import json
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from fractions import Fraction
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.image.image import Image, find, medium
from tests.image.machine import Machine, running
from tests.image.vm import BOOT_S

pytestmark = [pytest.mark.image, pytest.mark.timeout(1800)]

CLIP = "/var/lib/hearthgate/clip.mp4"
SETTINGS = f"""\
gateway:
  name: A home under test
cameras:
  - name: clip
    file: {CLIP}
    loop: true
    rest_s: 5
"""
RATE = 8


def write_clip(file: Path) -> Path:
    """Four seconds of nothing, four of a square that moves."""
    with av.open(str(file), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "g": str(RATE), "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = Fraction(1, RATE)
        for number in range(8 * RATE):
            picture = np.full((180, 320, 3), 90, np.uint8)
            if number >= 4 * RATE:
                left = (number - 4 * RATE) * 8
                picture[60:130, left : left + 50] = 220
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode())
    return file


def flashed(image: Image, folder: Path) -> Image:
    """With what a person lays on the FAT partition, from any computer."""
    disk = folder / "flashed.img"
    subprocess.run(["cp", "--sparse=always", image.disk, disk], check=True)
    settings = folder / "hearthgate.yaml"
    settings.write_text(SETTINGS)
    subprocess.run(["mcopy", "-i", f"{disk}@@{image.start('hearthgate')}", settings, "::hearthgate.yaml"], check=True)
    return Image(board=image.board, disk=disk, root=image.root)


class Browser:
    """Believes any certificate, as a person does who was told to expect the warning; keeps cookies."""

    def __init__(self, machine: Machine) -> None:
        self.home = f"https://127.0.0.1:{machine.vm.https_port}"
        believing = ssl.create_default_context()
        believing.check_hostname = False
        believing.verify_mode = ssl.CERT_NONE
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=believing), urllib.request.HTTPCookieProcessor(CookieJar())
        )

    def get(self, path: str) -> Any:
        with self._opener.open(f"{self.home}/api/v1/{path}", timeout=30) as answer:
            return json.load(answer)

    def post(self, path: str, body: Mapping[str, str]) -> Any:
        headers = {"Content-Type": "application/json", "Origin": self.home}
        asked = urllib.request.Request(f"{self.home}/api/v1/{path}", json.dumps(body).encode(), headers)
        with self._opener.open(asked, timeout=60) as answer:
            return json.load(answer)

    def wait(self, timeout: float = BOOT_S) -> None:
        """Until the page answers."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self._opener.open(self.home, timeout=10).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("boot")
    image = flashed(find("x86_64"), folder)
    media = medium([write_clip(folder / "clip.mp4")], folder / "media.ext4")
    with running(image, folder, media) as machine:
        machine.vm.run(
            "mkdir -p /run/media && mount -o ro /dev/vdb /run/media && "
            f"install -o hearthgate -m 0600 /run/media/clip.mp4 {CLIP}"
        )
        yield machine
        shutil.copy(machine.vm.serial, folder / "serial-kept.log")


@pytest.fixture(scope="module")
def browser(machine: Machine) -> Browser:
    browser = Browser(machine)
    browser.wait()
    return browser


def test_the_page_can_be_claimed_with_the_code_from_the_stick_and_shows_what_moved(
    machine: Machine, browser: Browser, figures: dict[str, float]
) -> None:
    figures["the page after the kernel began, s"] = float(machine.vm.run("cat /proc/uptime").split()[0])
    assert browser.get("session") == {"claimed": False, "user": None}
    told = machine.vm.run("cat /boot/hearthgate/claim-code.txt")
    owner = {"user": "owner", "password": "long enough for a test"}
    with pytest.raises(urllib.error.HTTPError):
        browser.post("claim", owner | {"code": "AAAA-AAAA-AAAA"})
    code = next(word for word in told.split() if "-" in word and word.upper() == word)
    browser.post("claim", owner | {"code": code})
    assert browser.get("session")["user"] == "owner"
    deadline = time.monotonic() + 300
    while not (events := browser.get("events?kind=motion.began")["events"]):
        assert time.monotonic() < deadline, browser.get("system")
        time.sleep(2)
    assert events[0]["source"] == "clip"


def test_plain_http_leads_to_the_same_name_over_tls(machine: Machine, browser: Browser) -> None:
    with socket.create_connection(("127.0.0.1", machine.vm.http_port), timeout=30) as link:
        link.sendall(b"GET /live HTTP/1.1\r\nHost: hearthgate-1234.local\r\nConnection: close\r\n\r\n")
        answer = link.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 30")
    assert "\r\nLocation: https://hearthgate-1234.local/live\r\n" in answer


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


def test_every_boot_is_confirmed_the_first_one_too(machine: Machine, browser: Browser) -> None:
    assert machine.slot == "A"
    machine.vm.wait_until("grub-editenv /boot/efi/EFI/BOOT/grubenv list | grep -qx A_TRY=0", timeout=900)
    told = machine.ask(ask="status")["machine"]
    assert isinstance(told, dict)
    assert told["confirmed"] is True


def test_the_machine_is_the_same_after_a_power_cut(machine: Machine, browser: Browser) -> None:
    before = machine.vm.run("hostname; cat /etc/machine-id; sha256sum /etc/hearthgate/tls/gateway.crt")
    machine.start_again()
    browser.wait()
    assert machine.vm.run("hostname; cat /etc/machine-id; sha256sum /etc/hearthgate/tls/gateway.crt") == before
    assert browser.get("session")["user"] == "owner"


def test_it_fits_into_a_small_machine(machine: Machine, browser: Browser, figures: dict[str, float]) -> None:
    total, available = (
        int(machine.vm.run(f"awk '/^{name}:/ {{print $2}}' /proc/meminfo")) >> 10
        for name in ("MemTotal", "MemAvailable")
    )
    figures["memory in use with one camera, MiB"] = total - available
    assert total - available < 500
