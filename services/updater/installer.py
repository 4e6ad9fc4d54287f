"""The seam to what writes slots."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

Progress = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What a bundle says of itself, once its signature was found good."""

    compatible: str
    version: str


class Mark(StrEnum):
    GOOD = "good"
    BAD = "bad"
    ACTIVE = "active"
    """To be started next."""


class Which(StrEnum):
    BOOTED = "booted"
    OTHER = "other"


class Installer(Protocol):
    """Every method raises `Refused` where the answer will stay the same ("bundle_invalid", "bundle_signature",
    "install_failed", "mark_refused") and `Transient` where it may not ("installer_away", "install_stalled")."""

    async def inspect(self, bundle: Path) -> Bundle: ...

    async def install(self, bundle: Path, progress: Progress) -> None:
        """Write `bundle` into the slot that is not running and have it started next. One that is under way
        already was begun by an earlier process, with the same bundle: it is waited for."""
        ...

    async def mark(self, mark: Mark, which: Which) -> None: ...
