"""The database file: opened sound or set aside, and brought to the newest schema."""

import os
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from gateway.errors import Refused
from gateway.store.failures import is_damage

_NUMBERED = re.compile(r"(\d{4})_\w+\.sql")
_KEPT_ASIDE = 2

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged write survives the power cut; batches share the fsync
    "PRAGMA secure_delete = ON",  # a deleted template leaves zeros, not bytes
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 256",  # 1 MB of journal: it must not be what fills a small disk
    "PRAGMA journal_size_limit = 4194304",
)


def _as_it_is(_connection: sqlite3.Connection, _aside: Path | None) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What kind of database a file holds: the package whose folder `schema` has its scripts, and what is set before the
    first of them. An unchecked file opens at once, however large, and its damage is found on use.

    `ready` runs after every opening; it is also told the damaged file that this new one stands in for."""

    package: str = "gateway.store"
    pragmas: tuple[str, ...] = PRAGMAS
    checked: bool = True
    ready: Callable[[sqlite3.Connection, Path | None], None] = _as_it_is


STORE = Layout()


def migrations(package: str = "gateway.store") -> dict[int, str]:
    """Schema scripts by number, from the package data."""
    found = {}
    for entry in files(package).joinpath("schema").iterdir():
        if match := _NUMBERED.fullmatch(entry.name):
            found[int(match.group(1))] = entry.read_text(encoding="utf-8")
    return dict(sorted(found.items()))


def migrate(connection: sqlite3.Connection, package: str) -> None:
    """Each step is one transaction: a power cut leaves the version before or the version after.

    Raises `Refused("store_schema_newer")` for a file that a newer release wrote.
    """
    steps = migrations(package)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > max(steps):
        raise Refused("store_schema_newer", found=version, known=max(steps))
    for number, script in steps.items():
        if number > version:
            connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")


class DatabaseFile:
    """Opens `path`; a damaged file is renamed to `*.corrupt-<stamp>`, told to `on_corrupt`, and begun anew."""

    def __init__(self, path: Path, on_corrupt: Callable[[Path], None], layout: Layout) -> None:
        self._path = path
        self._on_corrupt = on_corrupt
        self._layout = layout
        self._aside: Path | None = None

    def open(self) -> sqlite3.Connection:
        """Raises `sqlite3.Error` for weather and permissions, `Refused` for a schema from the future."""
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.set_aside()
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        _touch_private(self._path)
        connection = sqlite3.connect(self._path, timeout=5.0, isolation_level=None)
        try:
            for pragma in self._layout.pragmas:
                connection.execute(pragma)
            if self._layout.checked:
                _check(connection)
            migrate(connection, self._layout.package)
            self._layout.ready(connection, self._aside)
        except BaseException:  # whatever it was, the file is closed first
            connection.close()
            raise
        self._aside = None
        return connection

    def set_aside(self) -> None:
        """Rename the file and its journal; older damaged copies beyond the newest few are deleted."""
        aside = self._path.with_name(f"{self._path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
        self._path.replace(aside)
        for suffix in ("-wal", "-shm"):
            side = self._path.with_name(self._path.name + suffix)
            if side.exists():
                side.replace(aside.with_name(aside.name + suffix))
        for old in sorted(self._asides(), reverse=True)[_KEPT_ASIDE:]:
            _remove_set(old)
        self._aside = aside
        self._on_corrupt(aside)

    def _asides(self) -> list[Path]:
        found = self._path.parent.glob(f"{self._path.name}.corrupt-*")
        return [path for path in found if not path.name.endswith(("-wal", "-shm"))]

    def remove_asides(self) -> int:
        """Delete every damaged copy: names cannot be taken out of a file that cannot be read."""
        asides = self._asides()
        for aside in asides:
            _remove_set(aside)
        return len(asides)


def _touch_private(path: Path) -> None:
    """The mode is set before the first byte; SQLite gives its journals the same one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Refused("store_unwritable", path=str(path), reason=error.strerror or "unknown") from error


def _check(connection: sqlite3.Connection) -> None:
    rows = connection.execute("PRAGMA quick_check(1)").fetchall()
    if rows != [("ok",)]:
        error = sqlite3.DatabaseError("quick_check found damage")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _remove_set(aside: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        aside.with_name(aside.name + suffix).unlink(missing_ok=True)
