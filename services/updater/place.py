"""Where this process runs: which board, which slot, since when."""

import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gateway import __version__
from gateway.wire.release import Version
from gateway.wire.update import Slot
from services.updater import paths

_STICKY = {"x86_64"}
"""Boards with GRUB; the firmware of a Raspberry Pi forgets a trial that did not begin."""


class _Image(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    board: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,16}$")]
    version: Version
    built: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`slot` is None where the machine was not started from an image of ours; `sticky` as in `events.Started`. Before
    `built` no clock is to be believed."""

    board: str
    version: Version
    slot: Slot | None
    boot: str
    sticky: bool
    built: datetime

    @property
    def compatible(self) -> str:
        """What a bundle for this board calls itself."""
        return f"hearthgate-{self.board}"


def here(image: Path = paths.IMAGE, command_line: Path = paths.COMMAND_LINE, boot_id: Path = paths.BOOT_ID) -> Place:
    """Never raises for what the files hold: without an image there are no slots."""
    found = _image(image)
    boot = boot_id.read_text(encoding="ascii").strip()
    if found is None:
        board = re.sub(r"[^a-z0-9_]", "", os.uname().machine.lower())[:16] or "unknown"
        return Place(
            board=board, version=__version__, slot=None, boot=boot, sticky=False, built=datetime(2026, 1, 1, tzinfo=UTC)
        )
    return Place(
        board=found.board,
        version=found.version,
        slot=_slot(command_line.read_text(encoding="utf-8", errors="replace")),
        boot=boot,
        sticky=found.board in _STICKY,
        built=found.built,
    )


def _image(file: Path) -> _Image | None:
    try:
        return _Image.model_validate(json.loads(file.read_bytes()))
    except (OSError, ValueError, ValidationError):
        return None


def _slot(command_line: str) -> Slot | None:
    for word in command_line.split():
        name, _, value = word.partition("=")
        if name == "rauc.slot" and value in set(Slot):
            return Slot(value)
    return None
