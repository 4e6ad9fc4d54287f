"""What an error of SQLite or of the disk means to the one who asked: retry, tell a person, drop, or quarantine."""

import errno
import sqlite3

from gateway.errors import Corrupt, GatewayError, Invalid, Refused, Transient

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_MEANING: dict[int, tuple[type[GatewayError], str]] = {
    sqlite3.SQLITE_FULL: (Transient, "disk_full"),
    sqlite3.SQLITE_IOERR: (Transient, "disk_io"),
    sqlite3.SQLITE_BUSY: (Transient, "store_busy"),
    sqlite3.SQLITE_LOCKED: (Transient, "store_busy"),
    sqlite3.SQLITE_READONLY: (Refused, "store_unwritable"),
    sqlite3.SQLITE_PERM: (Refused, "store_unwritable"),
    sqlite3.SQLITE_CANTOPEN: (Refused, "store_unwritable"),
    sqlite3.SQLITE_CORRUPT: (Corrupt, "store_corrupt"),
    sqlite3.SQLITE_NOTADB: (Corrupt, "store_corrupt"),
    sqlite3.SQLITE_CONSTRAINT: (Invalid, "store_rejected"),
    sqlite3.SQLITE_TOOBIG: (Invalid, "store_rejected"),
}


def _primary(error: sqlite3.Error) -> int:
    """The primary result code (https://sqlite.org/rescode.html), -1 where the error never reached SQLite."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is no longer a sound database."""
    return _primary(error) in _DAMAGED


def is_full(error: sqlite3.Error) -> bool:
    """Whether there was no room on the disk."""
    return _primary(error) == sqlite3.SQLITE_FULL


def meaning(error: Exception) -> Exception:
    """The `GatewayError` that `error` stands for; `error` itself where it is a bug."""
    if isinstance(error, OSError):
        return Transient("disk_full" if error.errno == errno.ENOSPC else "disk_io", reason=error.strerror or "unknown")
    if not isinstance(error, sqlite3.Error):
        return error
    known = _MEANING.get(_primary(error))
    if known is None:
        return error
    kind, key = known
    return kind(key, sqlite=getattr(error, "sqlite_errorname", "unknown"))
