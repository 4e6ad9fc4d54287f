"""The Raspberry Pi's image on the one board of the vendor's that the emulator has: a Pi 3, without its boot firmware.

What its mailbox answers is a stand-in: it takes the flag of a trial without acting on it, and says nothing when it is
asked for it, so that the kernel module has to find that no trial can be asked for here.
"""

import re
import subprocess
from pathlib import Path

import pytest

from tests.image.image import Image, find
from tests.image.vm import Disk

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1800)]

BOOT_S = 900
"""Until it has started again; two minutes where nothing else goes on."""
CARD = "4G"
"""Of an emulated card: a power of two."""
INSTEAD_OF_SYSTEMD = """
echo root $(findmnt -no FSTYPE,OPTIONS /) var $(findmnt -no FSTYPE /var);
modprobe -a hearthgate_tryboot bcm2835_wdt;
echo ready $(cat /sys/module/hearthgate_tryboot/parameters/ready);
mkdir -p /run/systemd;
echo 0 tryboot >/run/systemd/reboot-param;
exec /usr/lib/systemd/systemd-shutdown reboot --log-level=info --log-target=console
"""
SET_REBOOT_FLAGS = "tag:0x00038064 in_sz:4"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What the serial console and the emulator's firmware have to say of one start from the card to the restart."""
    folder = tmp_path_factory.mktemp("raspi3b")
    machine = raspi3b(find("rpi", kind=""), folder)
    subprocess.run(machine, check=True, timeout=BOOT_S, stdin=subprocess.DEVNULL)
    return (folder / "serial.log").read_text(errors="replace"), (folder / "firmware.log").read_text()


def raspi3b(image: Image, folder: Path) -> list[str]:
    """Ends at its first restart."""
    boot = f"{image.disk}@@{image.start('boot-a')}"
    names = ("vmlinuz", "initrd.img", "bcm2837-rpi-3-b.dtb", "cmdline-a.txt")
    subprocess.run(["mcopy", "-i", boot, *(f"::{name}" for name in names), str(folder)], check=True)
    card = Disk(image.disk, folder / "card.qcow2", CARD)
    arguments = (folder / "cmdline-a.txt").read_text().strip()
    for here, there in (("console=serial0", "console=ttyS1"), ("console=tty1 ", ""), ("quiet", "loglevel=7")):
        assert here in arguments
        arguments = arguments.replace(here, there)
    script = " ".join(INSTEAD_OF_SYSTEMD.split())
    return [
        *("qemu-system-aarch64", "-M", "raspi3b", "-accel", "tcg,thread=multi", "-no-reboot"),
        *("-kernel", str(folder / "vmlinuz"), "-initrd", str(folder / "initrd.img")),
        *("-dtb", str(folder / "bcm2837-rpi-3-b.dtb")),
        *("-append", f'{arguments} init=/bin/sh -- -c "{script}"'),
        *("-drive", f"if=sd,format=qcow2,cache=unsafe,file={card.file}"),
        *("-display", "none", "-monitor", "none"),
        *("-serial", "null", "-serial", f"file:{folder / 'serial.log'}"),
        *("-trace", "bcm2835_mbox_property", "-D", str(folder / "firmware.log")),
    ]


def test_its_kernel_and_initramfs_find_the_root_on_a_card(told: tuple[str, str]) -> None:
    serial, _ = told
    assert re.search(r"root squashfs ro,\S+ var overlay\s", serial)


def test_a_firmware_that_says_nothing_of_trials_cannot_be_asked_for_one(told: tuple[str, str]) -> None:
    serial, _ = told
    assert re.search(r"ready N\s", serial)


def test_the_argument_of_a_restart_goes_through_systemd_to_the_firmware(told: tuple[str, str]) -> None:
    serial, firmware = told
    assert "hearthgate_tryboot: the other system starts, once" in serial
    assert firmware.count(SET_REBOOT_FLAGS) == 1
    assert "Rebooting with argument '0 tryboot'." in serial
    assert "Oops" not in serial
