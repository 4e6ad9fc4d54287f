"""Where the sources of the image lie, and the image that was built of them."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = REPOSITORY / "image-build"
BOOT = SOURCES / "boot"
RAUC = SOURCES / "rauc"


def built(board: str) -> Path:
    """The folder with `disk.img` and `root.squashfs` of a board."""
    return Path(os.environ.get("HEARTHGATE_IMAGE", REPOSITORY / "build" / "image")) / board
