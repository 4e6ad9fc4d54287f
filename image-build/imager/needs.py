"""What a build needs of the machine that it runs on, told before anything is begun."""

import os
import shutil
from pathlib import Path

from imager.recipe import Board, Recipe
from imager.shell import BuildError, run

_TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "genimage": "genimage",
    "mksquashfs": "squashfs-tools",
    "mkdosfs": "dosfstools",
    "mcopy": "mtools",
    "mke2fs": "e2fsprogs",
    "bmaptool": "bmap-tools",
    "xz": "xz-utils",
    "systemd-sysusers": "systemd",
    "openssl": "openssl",
    "git": "git",
}
_OF_BOARD = {
    Board.X86_64: {"grub-mkimage": "grub-common", "/usr/lib/grub/x86_64-efi": "grub-efi-amd64-bin"},
    Board.RPI: {"qemu-aarch64-static": "qemu-user-static", "arch-test": "arch-test"},
}


def check(recipe: Recipe) -> None:
    """Raises BuildError that says how to get what is missing."""
    if os.geteuid() != 0:
        raise BuildError("an image is built as root: its files belong to many users")
    wanted = _TOOLS | _OF_BOARD[recipe.board] | {str(recipe.suite.keyring): "debian-archive-keyring"}
    missing = [package for tool, package in wanted.items() if not _is_here(tool)]
    if missing:
        raise BuildError(f"not installed here: apt install {' '.join(dict.fromkeys(missing))}")
    if recipe.board is Board.RPI:
        _programs_of_the_board()


def _is_here(tool: str) -> bool:
    return Path(tool).exists() if tool.startswith("/") else shutil.which(tool) is not None


def _programs_of_the_board() -> None:
    try:
        run("arch-test", "arm64")
    except BuildError:
        raise BuildError(
            "programs for arm64 do not run here: apt install binfmt-support, "
            "then mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc"
        ) from None
