"""What a built image of a Raspberry Pi holds for its boards, without starting it."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.image.devicetree import Node, needed, parse
from tests.image.image import Image, find

pytestmark = [pytest.mark.image, pytest.mark.timeout(600)]

BOARDS = ["bcm2711-rpi-4-b", "bcm2711-rpi-400", "bcm2711-rpi-cm4-io", "bcm2712-rpi-5-b", "bcm2712-d-rpi-5-b"]
MEDIA = {"brcm,bcm2711-emmc2", "brcm,bcm2712-sdhci", "brcm,bcm2711-pcie", "brcm,bcm2712-pcie", "snps,dwc3"}
"""What a root may lie behind: the card, NVMe and USB."""
ON_ROOT = (
    "usr/lib/modules",
    "usr/lib/modules-load.d",
    "usr/share/doc/hearthgate-tryboot",
    "boot",
    "usr/lib/raspi-firmware",
)


@pytest.fixture(scope="module")
def image() -> Image:
    return find("rpi", kind="")


@pytest.fixture(scope="module")
def root(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("pi") / "root"
    subprocess.run(["unsquashfs", "-q", "-n", "-d", tree, image.root, *ON_ROOT], check=True, capture_output=True)
    return tree


@pytest.fixture(scope="module")
def boot(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("boot")
    subprocess.run(["mcopy", "-i", f"{image.disk}@@{image.start('boot-a')}", "::*", str(folder)], check=True)
    return folder


def modules(root: Path) -> Path:
    [folder] = (root / "usr/lib/modules").iterdir()
    return folder


def drivers(root: Path) -> dict[str, set[str]]:
    """The modules that the kernel knows for what a device calls itself."""
    known: dict[str, set[str]] = {}
    aliases = (modules(root) / "modules.alias").read_text()
    for compatible, module in re.findall(r"^alias of:N\*T\*C(\S+?)(?:C\*)? (\S+)$", aliases, re.MULTILINE):
        known.setdefault(compatible, set()).add(module)
    return known


def media(board: Node) -> list[Node]:
    return [node for node in board.all() if node.on and MEDIA & set(node.compatible)]


@pytest.mark.parametrize("name", BOARDS)
def test_all_that_the_card_and_usb_of_a_board_wait_for_is_in_the_initramfs(root: Path, boot: Path, name: str) -> None:
    board = parse(boot / f"{name}.dtb")
    known = drivers(root)
    found = re.findall(rb"/([\w-]+)\.ko(?:\.xz)?\0", (boot / "initrd.img").read_bytes())
    held = {module.decode().replace("-", "_") for module in found}
    behind = {node for medium in media(board) for node in needed(board, medium)}
    # A port of the Pi 4's USB controller names who wakes it without being of a kind itself.
    behind |= {node for port in board.all() if port.name == "usb@0,0" for node in needed(board, port)}
    wanted = {module for node in behind for compatible in node.compatible for module in known.get(compatible, ())}
    assert len(media(board)) >= 2
    assert wanted, "no driver at all is a module: the names are no longer understood"
    assert wanted <= held


def test_the_newer_pi_5_finds_its_device_tree_under_either_name(boot: Path) -> None:
    assert (boot / "bcm2712d0-rpi-5-b.dtb").read_bytes() == (boot / "bcm2712-d-rpi-5-b.dtb").read_bytes()


def test_kernel_and_firmware_lie_on_the_boot_partition_alone(root: Path, boot: Path) -> None:
    assert not [file for file in root.rglob("*") if file.name.startswith(("vmlinuz", "initrd", "start4"))]
    assert not list(modules(root).glob("dtb"))
    assert f"Linux version {modules(root).name} ".encode() in (boot / "vmlinuz").read_bytes()


def test_the_module_for_trials_is_made_for_this_kernel_and_loaded_at_every_start(root: Path) -> None:
    module = (modules(root) / "updates/hearthgate_tryboot.ko").read_bytes()
    assert f"\0vermagic={modules(root).name} ".encode() in module
    assert b"\0license=GPL\0" in b"\0" + module
    assert re.search(rb"\.BTF|/(tmp|build|home)/", module) is None
    index = (modules(root) / "modules.dep").read_text()
    assert "\nupdates/hearthgate_tryboot.ko:\n" in index
    assert (root / "usr/lib/modules-load.d/hearthgate.conf").read_text().endswith("\nhearthgate_tryboot\n")


def test_the_source_of_the_module_comes_with_its_licence(root: Path) -> None:
    folder = root / "usr/share/doc/hearthgate-tryboot"
    assert "License: GPL-2.0-only" in (folder / "copyright").read_text()
    assert "register_reboot_notifier" in (folder / "hearthgate_tryboot.c").read_text()
