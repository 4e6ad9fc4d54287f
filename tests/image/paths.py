"""Where the sources of the image lie, and the image that was built of them."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = REPOSITORY / "image-build"
BOOT = SOURCES / "boot"
RAUC = SOURCES / "rauc"


KEYS = Path(os.environ.get("HEARTHGATE_KEYS", REPOSITORY / "build" / "keys"))
"""The development keys that the image was built to trust."""


def built(board: str) -> Path:
    """The folder that `make image TEST=1 OUT=build/image-test` fills for a board."""
    return Path(os.environ.get("HEARTHGATE_IMAGE", REPOSITORY / "build" / "image-test")) / board
