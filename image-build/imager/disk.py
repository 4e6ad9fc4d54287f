"""The whole medium: root and boot partitions, assembled without loop devices or mounts."""

import tempfile
from pathlib import Path

from imager import pi
from imager.recipe import HERE, Board, Recipe
from imager.shell import BuildError, run, step

_GRUB_MODULES = (
    *("part_gpt", "fat", "squash4", "search"),  # finds the slots
    *("normal", "configfile", "loadenv", "test", "regexp", "echo", "sleep", "boot", "linux", "reboot"),  # grub.cfg
    *("terminal", "serial", "cat"),  # a person at the console
)
_GRUB_ENVIRONMENT = ("ORDER=A B", "A_OK=1", "B_OK=0", "A_TRY=0", "B_TRY=0")
"""As RAUC leaves it: A is good, B was never written."""
_SLOT_BYTES = 1 << 30
"""Of a root partition, see genimage/."""
_PACKING = {
    (Board.X86_64, True): ("gzip", "-Xcompression-level", "1"),
    (Board.X86_64, False): ("xz", "-b", "1M"),
    (Board.RPI, True): ("zstd", "-Xcompression-level", "1"),
    (Board.RPI, False): ("zstd", "-Xcompression-level", "19"),
}
_NOT_PACKED = {
    Board.X86_64: ("proc/*", "sys/*", "dev/*", "run/*", "tmp/*"),
    Board.RPI: ("proc/*", "sys/*", "dev/*", "run/*", "tmp/*", *pi.ON_BOOT),
}


def squash(recipe: Recipe, root: Path, squashfs: Path) -> None:
    """GRUB reads gzip and xz, not zstd; a Raspberry Pi's kernel lies in a partition of its own."""
    with step("packing the root"):
        squashfs.unlink(missing_ok=True)
        # Sorted by mksquashfs itself; -wildcards, or the names left out would match nothing.
        options = ("-noappend", "-quiet", "-no-progress", "-mkfs-time", str(recipe.epoch))
        method = _PACKING[recipe.board, recipe.fast]
        run("mksquashfs", root, squashfs, "-comp", *method, *options, "-wildcards", "-e", *_NOT_PACKED[recipe.board])
    if squashfs.stat().st_size > _SLOT_BYTES:
        raise BuildError(f"the root does not fit its partition: {squashfs.stat().st_size >> 20} MiB")


def assemble(recipe: Recipe, root: Path, work: Path) -> Path:
    """disk.img, from work/root.squashfs; boot.vfat of a Raspberry Pi lies beside it then. Returns disk.img."""
    with step("assembling the medium"), tempfile.TemporaryDirectory(dir=work) as folder:
        scratch = Path(folder)
        boot = scratch / "boot"
        boot.mkdir()
        (scratch / "skeleton/data").mkdir(parents=True)
        (boot / "root.squashfs").symlink_to(work / "root.squashfs")
        (boot / "README.txt").symlink_to(HERE / "genimage/README.txt")
        if recipe.board is Board.X86_64:
            _grub(boot)
        else:
            (boot / "autoboot.txt").symlink_to(HERE / "boot/autoboot.txt")
            pi.fill_boot(root, scratch / "skeleton/boot")
        run(
            *("genimage", "--config", HERE / f"genimage/{recipe.board}.cfg", "--rootpath", scratch / "skeleton"),
            *("--inputpath", boot, "--outputpath", work, "--tmppath", scratch / "tmp"),
            env={"SOURCE_DATE_EPOCH": str(recipe.epoch), "E2FSPROGS_FAKE_TIME": str(recipe.epoch)},
        )
    return work / "disk.img"


def _grub(boot: Path) -> None:
    run("grub-mkimage", "-O", "x86_64-efi", "-p", "/EFI/BOOT", "-o", boot / "BOOTX64.EFI", *_GRUB_MODULES)
    (boot / "grub.cfg").symlink_to(HERE / "boot/grub.cfg")
    run("grub-editenv", boot / "grubenv", "create")
    run("grub-editenv", boot / "grubenv", "set", *_GRUB_ENVIRONMENT)
