"""Images of the operating system: RAUC bundles, which nobody here opens.

What one is for and which version it has says the file that lies beside it (`image.json` of the image) or whoever brings
it. A lie harms nobody: RAUC takes no bundle of another board, and no one whose signature does not count.
"""

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import Invalid, Refused
from gateway.wire.summary import Version
from services.hub.registry.kinds import Kind, Release

_SQUASHFS = b"hsqs"
_MOST_SIGNATURE_BYTES = 1 << 20
_SIZE_BYTES = 8


class About(BaseModel):
    """What more a file says is for others. `sha256` of the bundle, where it is told, must be right."""

    model_config = ConfigDict(frozen=True)

    board: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,16}$")]
    version: Version
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None

    @property
    def release(self) -> Release:
        return Release(kind=Kind.IMAGE, name=self.board, version=self.version)


def about_of(document: object) -> About:
    """Raises `Invalid("image_about_invalid")` with the `place` of what is wrong first."""
    try:
        return About.model_validate(document)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Invalid("image_about_invalid", place=place) from None


def about_in(file: Path) -> About:
    """Raises `Invalid("image_about_invalid")`."""
    try:
        return about_of(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise Invalid("image_about_invalid", place=file.name) from None


def check_image(file: Path) -> None:
    """A plain or verity bundle: SquashFS, a CMS signature, and its size as the last eight bytes, big-endian (RAUC's
    reference, "Bundle Formats"). Raises `Refused("bundle_invalid")`."""
    with file.open("rb") as stream:
        begins = stream.read(len(_SQUASHFS))
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _SIZE_BYTES))
        signature = int.from_bytes(stream.read(_SIZE_BYTES), "big")
    if begins != _SQUASHFS or not 0 < signature < min(size - _SIZE_BYTES, _MOST_SIGNATURE_BYTES):
        raise Refused("bundle_invalid", status=422, cause="no bundle of RAUC")
