"""What the updater is put together from; tests put in others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gateway.wire.update import FileName
from services.updater.clock import Clock
from services.updater.gate import Gate
from services.updater.host import Host
from services.updater.installer import Installer, Progress
from services.updater.memory import Attempt, Memory, Release
from services.updater.place import Place


class Keeps(Protocol):
    """See `keeping.Keeper`."""

    async def load(self) -> Memory: ...

    async def save(self, memory: Memory) -> None: ...


class Intake(Protocol):
    """Gets bundles to where nobody but root can exchange them; see `sources.intake`. Raises `Refused` and `Transient`
    as the sources do."""

    bundle: Path
    """Where the one that was brought lies."""

    def check(self, attempt: Attempt) -> None:
        """Raises `Refused("bundle_missing")` for a file that is not there."""
        ...

    async def bring(self, attempt: Attempt, progress: Progress) -> None:
        """Have it at `bundle`, whole, with the hash that was told."""
        ...

    async def took(self, attempt: Attempt) -> None:
        """It has been brought for good, and is not needed any more where it was uploaded to."""
        ...

    async def tidy(self) -> None:
        """Nothing that was brought is needed."""
        ...

    async def sticks(self) -> Sequence[FileName]:
        """Bundles on sticks, by name."""
        ...

    async def look(self, index: str, board: str) -> Release:
        """What the index at this URL offers for this board."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    place: Place
    keeper: Keeps
    installer: Installer
    host: Host
    intake: Intake
    clock: Clock
    gate: Gate = field(default_factory=Gate)
    warn: Callable[[str], None] = lambda _line: None
