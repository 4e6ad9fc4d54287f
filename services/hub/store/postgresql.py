"""Many homes: PostgreSQL 14 or newer (tried with 15) through asyncpg, shared by any number of workers."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self

import asyncpg

from gateway.errors import GatewayError, Invalid, Refused, Transient
from services.hub.store.database import Dialect, Role, Session, Texts
from services.hub.store.locks import Lock
from services.hub.store.migrations import missing

_SETTINGS = {
    "application_name": "hearthgate-hub",
    "synchronous_commit": "on",  # whatever is usual there: a receipt promises that it is on disk
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "60s",  # a worker that is stopped, or cut off, must not hold up the others
}

_MEANING: tuple[tuple[type[Exception] | tuple[type[Exception], ...], type[GatewayError], str], ...] = (
    (asyncpg.DiskFullError, Transient, "disk_full"),
    (
        (
            asyncpg.InvalidAuthorizationSpecificationError,
            asyncpg.InvalidCatalogNameError,
            asyncpg.InsufficientPrivilegeError,
        ),
        Refused,
        "store_denied",
    ),
    (
        (
            asyncpg.TransactionRollbackError,
            asyncpg.LockNotAvailableError,
            asyncpg.QueryCanceledError,
            asyncpg.CheckViolationError,  # a row was on its way to `summaries_odd` while its month was attached
            TimeoutError,
        ),
        Transient,
        "store_busy",
    ),
    ((asyncpg.DataError, asyncpg.IntegrityConstraintViolationError), Invalid, "store_rejected"),
    (
        (
            asyncpg.PostgresConnectionError,
            asyncpg.OperatorInterventionError,
            asyncpg.InsufficientResourcesError,
            asyncpg.ReadOnlySQLTransactionError,  # connected to a standby during a fail-over
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,  # used between the server's farewell and the end of the connection
            OSError,
        ),
        Transient,
        "store_unreachable",
    ),
)


class PostgresqlDatabase:
    """`dsn` names a role that may create roles and tables, or a database where that was done by such a role."""

    dialect: Dialect = "postgresql"

    def __init__(self, dsn: str, *, connections: int = 8) -> None:
        self._dsn = dsn
        self._connections = connections

    async def __aenter__(self) -> Self:
        with _told():
            await self._migrate()
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=0,  # else asyncpg logs a traceback with every vain attempt to keep one up
                max_size=self._connections,
                timeout=10,
                command_timeout=60,
                server_settings=_SETTINGS,
            )
        return self

    async def __aexit__(self, *exc: object) -> None:
        try:
            async with asyncio.timeout(10):
                await self._pool.close()
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._pool.terminate()  # nothing that was acknowledged is still under way

    @asynccontextmanager
    async def transaction(self, role: Role = Role.WORKER, *, gateway: str = "") -> AsyncIterator[Session]:
        with _told():
            async with self._pool.acquire(timeout=20) as connection, connection.transaction():
                if role is not Role.OWNER:
                    await connection.execute(f"SET LOCAL ROLE {role.value}")
                if role is Role.HOME:
                    await connection.execute("SELECT set_config('app.gateway', $1, true)", gateway)
                yield _PostgresqlSession(connection)

    @asynccontextmanager
    async def alone(self, lock: Lock) -> AsyncIterator[bool]:
        with _told():
            async with self._pool.acquire(timeout=20) as connection:
                # Held by the connection: given back with it, and by the server where this process dies.
                yield await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock)

    async def _migrate(self) -> None:
        """Workers that start at once wait for each other; each step is one transaction."""
        connection = await asyncpg.connect(self._dsn, timeout=10, command_timeout=600)
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", Lock.MIGRATION)
            await connection.execute(_VERSION_TABLE)
            version = await connection.fetchval("SELECT version FROM schema_version")
            for number, script in missing("postgresql", version).items():
                async with connection.transaction():
                    await connection.execute(script)
                    await connection.execute("UPDATE schema_version SET version = $1", number)
        finally:
            await connection.close(timeout=10)


_VERSION_TABLE = """
CREATE TABLE IF NOT EXISTS schema_version (one boolean PRIMARY KEY DEFAULT true CHECK (one), version integer NOT NULL);
INSERT INTO schema_version (version) VALUES (0) ON CONFLICT DO NOTHING;
"""


class _PostgresqlSession:
    dialect: Dialect = "postgresql"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, sql: str | Texts, *values: object) -> Sequence[Sequence[Any]]:
        rows: list[Any] = await self._connection.fetch(_text(sql), *values)
        return rows

    async def execute(self, sql: str | Texts, *values: object) -> int:
        status: str = await self._connection.execute(_text(sql), *values)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def execute_many(self, sql: str | Texts, rows: Iterable[Sequence[object]]) -> None:
        await self._connection.executemany(_text(sql), rows)

    async def execute_at_once(self, sql: Texts, rows: Iterable[Sequence[object]]) -> None:
        columns = [list(column) for column in zip(*rows, strict=True)]
        if columns:
            await self._connection.execute(sql.postgresql, *columns)


def _text(sql: str | Texts) -> str:
    return sql if isinstance(sql, str) else sql.postgresql


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the database become a `GatewayError`; a bug stays what it is."""
    try:
        yield
    except Exception as error:  # told apart below; what is not known is raised again
        for kinds, meaning, key in _MEANING:
            if isinstance(error, kinds):
                told = getattr(error, "sqlstate", None) or type(error).__name__
                raise meaning(key, sqlstate=told) from error
        raise
