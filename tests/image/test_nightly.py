"""What takes an hour: the plug pulled twenty times, and the Raspberry Pi's userland on an emulated machine."""

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.image.browser import Browser
from tests.image.image import find, medium
from tests.image.machine import Machine
from tests.image.paths import REPOSITORY, built
from tests.image.vm import Disk, Vm, arm64, pc

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(3 * 3600)]

CUTS = int(os.environ.get("HEARTHGATE_CUTS", "20"))
SHORT_S, LONG_S = 5.0, 150.0
"""From the firmware's first step until well after the page answers."""
MODELS = ("blazeface_full", "blazeface_short", "dlib_resnet_v1", "motion_check_v1", "thermostat_v1")


def test_a_machine_whose_plug_is_pulled_at_any_instant_comes_back() -> None:
    """Goes on where it was interrupted: the disk and the count of cuts are kept beside the image."""
    image = find("x86_64")
    folder = built("x86_64") / "power-cuts"
    progress = folder / "progress.json"
    if not progress.exists() or progress.stat().st_mtime < image.disk.stat().st_mtime:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        Disk(image.disk, folder / "disk.qcow2")
        progress.write_text("[]")
    cuts: list[float] = json.loads(progress.read_text())
    vm = pc(folder / "disk.qcow2", folder)
    while len(cuts) < CUTS:
        after_s = random.Random(len(cuts)).uniform(SHORT_S, LONG_S)
        _run_for(vm, after_s)
        cuts.append(round(after_s, 1))
        progress.write_text(json.dumps(cuts))
    with vm:
        vm.wait_for_boot()
        machine = Machine(vm=vm)
        Browser(machine).wait()
        assert machine.slot == "A"
        assert vm.run("systemctl --failed --no-legend --plain") == ""
        assert "EXT4-fs error" not in vm.run("dmesg")
        assert vm.run("findmnt -no OPTIONS /data").startswith("rw")
        assert len(vm.run("cat /etc/machine-id")) == 32
    shutil.rmtree(folder)


def _run_for(vm: Vm, seconds: float) -> None:
    with vm:
        time.sleep(seconds)


@pytest.fixture(scope="module")
def pi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    image = find("rpi")
    folder = tmp_path_factory.mktemp("pi")
    boot = f"{image.disk}@@{image.start('boot-a')}"
    subprocess.run(["mcopy", "-i", boot, "::vmlinuz", "::initrd.img", str(folder)], check=True)
    media = medium([REPOSITORY / "tests/image/golden_answers.py"], folder / "media.ext4")
    disk = Disk(image.disk, folder / "disk.qcow2")
    with arm64(disk.file, folder / "vmlinuz", folder / "initrd.img", folder, media=media) as vm:
        vm.wait_for_boot(timeout=900)
        yield Machine(vm=vm)


def test_the_page_of_a_pi_answers(pi: Machine) -> None:
    Browser(pi).wait(timeout=900)
    assert pi.vm.run("uname -m") == "aarch64"
    assert pi.vm.run("systemctl --failed --no-legend --plain") == ""


def test_every_model_gives_its_golden_answers_on_a_pi_s_instructions(pi: Machine) -> None:
    pi.vm.run("mkdir -p /run/media && mount -o ro /dev/vdb /run/media")
    told = pi.vm.run("/opt/hearthgate/.venv/bin/python3 -I /run/media/golden_answers.py 2>/dev/null", timeout=900)
    assert tuple(told.splitlines()) == MODELS


def test_rauc_asks_the_tryboot_backend_on_a_pi(pi: Machine) -> None:
    pi.vm.run("rauc status mark-good")
    told = json.loads(pi.vm.run("rauc status --output-format=json"))
    assert (told["booted"], told["boot_primary"]) == ("A", "rootfs.0")
    assert pi.vm.run("cat /boot/efi/autoboot.txt").splitlines()[:3] == ["[all]", "tryboot_a_b=1", "boot_partition=2"]
    assert pi.vm.run("ls /boot/efi/good-A")
