"""Bundles that somebody may offer to a machine: one that is right, and all that are not."""

import os
import shutil
from pathlib import Path

from tests.image.image import Image, another_root, bundle

NEWER = "999.0.0"


def damaged(whole: Path, output: Path, *, keep: int | None = None, flip: int | None = None) -> Path:
    shutil.copy(whole, output)
    with output.open("r+b") as file:
        if keep is not None:
            file.truncate(keep)
        if flip is not None:
            file.seek(flip)
            old = file.read(4)
            file.seek(flip)
            file.write(bytes(byte ^ 0xFF for byte in old))
    return output


def unsigned(file: Path) -> Path:
    """Without the signature at its end, whose length the last eight bytes tell."""
    with file.open("r+b") as content:
        content.seek(-8, os.SEEK_END)
        signature = int.from_bytes(content.read(8), "big")
        content.truncate(file.stat().st_size - signature - 8)
    return file


def large(image: Image, folder: Path) -> list[Path]:
    """Of a whole root: one that is right, and one of which a bit has flipped."""
    root = another_root(image, folder / "root", NEWER)
    whole = bundle(root, folder / "newer.raucb", NEWER)
    flipped = damaged(whole, folder / "flipped.raucb", flip=whole.stat().st_size // 8)
    shutil.rmtree(root)
    return [whole, flipped]


def refused(folder: Path) -> dict[str, Path]:
    """Small, and none of them right; by what is wrong."""
    folder.mkdir()
    content = folder / "content"
    content.mkdir()
    (content / "root.squashfs").write_bytes(os.urandom(64 * 1024))
    newer = bundle(content, folder / "newer.raucb", NEWER)
    return {
        "truncated": damaged(newer, folder / "truncated.raucb", keep=newer.stat().st_size // 2),
        "unsigned": unsigned(Path(shutil.copy(newer, folder / "unsigned.raucb"))),
        "stranger": bundle(content, folder / "stranger.raucb", NEWER, keys=folder / "keys"),
        "older": bundle(content, folder / "older.raucb", "0.0.1"),
        "toaster": bundle(content, folder / "toaster.raucb", NEWER, board="toaster"),
    }
