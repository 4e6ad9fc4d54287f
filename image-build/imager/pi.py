"""The boot partition of a Raspberry Pi's slot, and what its root need not hold for that."""

from pathlib import Path

from imager.recipe import HERE, rows
from imager.shell import BuildError
from imager.tree import copy_file

_FIRMWARE = ("start4.elf", "fixup4.dat")
"""Of a Pi 4; a Pi 5 has them in its EEPROM."""
_OWN = ("config.txt", "cmdline-a.txt", "cmdline-b.txt")
ON_BOOT = (
    *("vmlinuz*", "initrd.img*", "boot/vmlinuz-*", "boot/initrd.img-*", "usr/lib/modules/*/vmlinuz"),
    *("boot/firmware/*", "usr/lib/raspi-firmware/*", "usr/lib/modules/*/dtb"),
)
"""Not in the packed root: the firmware reads them from the boot partition, and nothing else does."""


def fill_boot(root: Path, boot: Path) -> None:
    """What the firmware reads: kernel, initramfs and device trees of `root`, and how to start them.

    Raises BuildError where this kernel lacks the tree of a board that we name."""
    kernel = (root / "vmlinuz").readlink().name.removeprefix("vmlinuz-")
    for name in _FIRMWARE:
        copy_file(root / "usr/lib/raspi-firmware" / name, boot / name)
    for name in _OWN:
        copy_file(HERE / "boot" / name, boot / name)
    for name in ("vmlinuz", "initrd.img"):
        copy_file(root / "boot" / (root / name).readlink().name, boot / name)
    trees = _device_trees(root, kernel)
    for name, *others in rows(HERE / "packages/device-trees.list"):
        if not (trees / name).exists():
            raise BuildError(f"kernel {kernel} has no {name}")
        for called in (name, *others):
            copy_file(trees / name, boot / called)


def _device_trees(root: Path, kernel: str) -> Path:
    """Debian moved them between 6.12 and 7.2."""
    places = (root / f"usr/lib/modules/{kernel}/dtb/broadcom", root / f"usr/lib/linux-image-{kernel}/broadcom")
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        raise BuildError(f"kernel {kernel} brings no device trees")
    return found
