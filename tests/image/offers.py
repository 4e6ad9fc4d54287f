"""Bundles that somebody may offer to a machine: one that is right, and all that are not."""

import os
import shutil
from collections.abc import Iterator
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


def bundles(image: Image, folder: Path) -> Iterator[Path]:
    root = another_root(image, folder / "newer", NEWER)
    whole = bundle(root, folder / "newer.raucb", NEWER)
    size = whole.stat().st_size
    yield whole
    yield damaged(whole, folder / "truncated.raucb", keep=size // 8)
    yield damaged(whole, folder / "flipped.raucb", flip=size // 8)
    small = folder / "small"
    small.mkdir()
    (small / "root.squashfs").write_bytes(os.urandom(64 * 1024))
    yield unsigned(bundle(small, folder / "unsigned.raucb", NEWER))
    yield bundle(small, folder / "stranger.raucb", NEWER, keys=folder / "stranger")
    yield bundle(small, folder / "older.raucb", "0.0.1")
    yield bundle(small, folder / "toaster.raucb", NEWER, board="toaster")
