"""The embedded default: one SQLite file, one thread."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from gateway.errors import Corrupt, GatewayError, Invalid, Refused, Transient
from services.hub.store.database import Dialect, Role, Session, Texts
from services.hub.store.locks import Lock
from services.hub.store.migrations import missing

T = TypeVar("T")

BUSY_S = 5.0
"""How long another process that holds the file is waited for."""

_PRAGMAS = (
    "PRAGMA auto_vacuum = INCREMENTAL",  # dropped hours give their room back
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a receipt survives the power cut
    "PRAGMA journal_size_limit = 4194304",
)

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
}


class SqliteDatabase:
    """A damaged file is not set aside by itself: it holds who is enrolled, and without that no gateway is known.
    A person restores it; meanwhile the gateways keep their summaries."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = asyncio.Lock()
        self._alone: set[Lock] = set()

    async def __aenter__(self) -> Self:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hub-store")
        try:
            self._connection = await self._run(self._open)
        except BaseException:  # whatever it was, the thread ends first
            self._thread.shutdown()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        async with self._turn:
            await self._run(self._connection.close)
        self._thread.shutdown()

    @asynccontextmanager
    async def transaction(self, role: Role = Role.WORKER, *, gateway: str = "") -> AsyncIterator[Session]:  # noqa: ARG002 - SQLite has no roles
        async with self._turn:
            try:
                await self._run(self._connection.execute, "BEGIN IMMEDIATE")
                yield _SqliteSession(self._connection, self._run)
                await self._run(self._connection.execute, "COMMIT")
            except BaseException:  # whatever it was, half a batch is not kept
                self._thread.submit(self._roll_back)  # behind a statement that a cancelled task no longer awaits
                raise

    @asynccontextmanager
    async def alone(self, lock: Lock) -> AsyncIterator[bool]:
        if lock in self._alone:
            yield False
            return
        self._alone.add(lock)
        try:
            yield True
        finally:
            self._alone.remove(lock)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite may have rolled back by itself
            self._connection.execute("ROLLBACK")

    def _open(self) -> sqlite3.Connection:
        _touch_private(self._path)
        connection = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            for number, script in missing("sqlite", version).items():
                connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
        except BaseException:  # whatever it was, the file is closed first
            connection.close()
            raise
        return connection

    async def _run(self, work: Callable[..., T], *values: object) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, *values)
        except sqlite3.Error as error:
            raise _meaning(error) from error


class _SqliteSession:
    dialect: Dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection, run: Callable[..., Any]) -> None:
        self._connection = connection
        self._run = run

    async def fetch(self, sql: str | Texts, *values: object) -> Sequence[Sequence[Any]]:
        rows: list[tuple[Any, ...]] = await self._run(
            lambda: self._connection.execute(_text(sql), _named(values)).fetchall()
        )
        return rows

    async def execute(self, sql: str | Texts, *values: object) -> int:
        count: int = await self._run(lambda: self._connection.execute(_text(sql), _named(values)).rowcount)
        return count

    async def execute_many(self, sql: str | Texts, rows: Iterable[Sequence[object]]) -> None:
        await self._run(lambda: self._connection.executemany(_text(sql), map(_named, rows)))

    async def execute_at_once(self, sql: Texts, rows: Iterable[Sequence[object]]) -> None:
        await self.execute_many(sql, rows)


def _text(sql: str | Texts) -> str:
    return sql if isinstance(sql, str) else sql.sqlite


def _named(values: Sequence[object]) -> dict[str, object]:
    """SQLite reads `$1` as a parameter called "1"."""
    return {str(number): value for number, value in enumerate(values, 1)}


def _touch_private(path: Path) -> None:
    """The mode is set before the first byte; SQLite gives its journals the same one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Refused("store_unwritable", path=str(path), reason=error.strerror or "unknown") from error


def _meaning(error: sqlite3.Error) -> Exception:
    """By the primary result code (https://sqlite.org/rescode.html); `error` itself where it is a bug."""
    code = getattr(error, "sqlite_errorcode", None)
    kind, key = _MEANING.get(-1 if code is None else code & 0xFF, (None, ""))
    return error if kind is None else kind(key, sqlite=getattr(error, "sqlite_errorname", "unknown"))
