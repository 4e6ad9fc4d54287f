"""The power is cut at any instant: of what the disk was not yet told to keep, any sectors may be missing.

SQLite writes the journal, has it kept, and only then writes the database and has that kept. So a cut leaves either the
former database and any mixture of the former and the new journal, or the new journal and any mixture of databases. A
journal that is begun anew has its new header kept before anything else of it is written (https://sqlite.org/wal.html).
"""

import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

SECTOR = 512
HEADER = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """What a database in WAL mode and its journal hold."""

    database: bytes
    journal: bytes

    @classmethod
    def of(cls, file: Path) -> Self:
        return cls(database=file.read_bytes(), journal=_journal(file).read_bytes())

    def write(self, file: Path) -> None:
        """As the only files of their folder."""
        shutil.rmtree(file.parent, ignore_errors=True)
        file.parent.mkdir()
        file.write_bytes(self.database)
        _journal(file).write_bytes(self.journal)

    def cut(self, new: "Disk", draw: random.Random) -> "Disk":
        """What the power leaves on the way to `new`."""
        if new.database != self.database and draw.random() < 0.5:
            return Disk(database=_mixed(self.database, new.database, draw), journal=new.journal)
        header, rest = new.journal[:HEADER], self.journal[HEADER:]
        if header != self.journal[:HEADER] and draw.random() < 0.2:
            return self
        return Disk(database=self.database, journal=_mixed(header + rest, new.journal, draw))


class Power:
    """What is surely on the disk, `kept`, of a `file` that somebody works with."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._former = self.kept = Disk.of(file)

    def now(self) -> Disk:
        return Disk.of(self._file)

    def worked(self, *, synchronous: bool) -> None:
        """Something was committed; `synchronous`, the disk was told to keep it. A checkpoint always does."""
        now = self.now()
        if (synchronous and now != self._former) or now.database != self._former.database:
            self.kept = now
        self._former = now


def _journal(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _mixed(former: bytes, new: bytes, draw: random.Random) -> bytes:
    """Sector by sector one of both; of what is only in one of them, some."""
    share, end = draw.choice((0.1, 0.5, 0.9)), draw.randint(*sorted((len(former), len(new))))
    sectors = []
    for at in range(0, max(len(former), len(new)), SECTOR):
        one, other = (new, former) if draw.random() < share else (former, new)
        sectors.append(one[at : at + SECTOR] or b"\0" * len(other[at : at + SECTOR]))
    return b"".join(sectors)[:end]
