"""What both databases can do alike: statements with `$1` placeholders, in transactions, under a role.

Times are POSIX ms and hours POSIX s in bigint, JSON is text, so that one statement serves both dialects; where it
cannot, a `Texts` holds one of each.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol, Self

from services.hub.store.locks import Lock

Dialect = Literal["sqlite", "postgresql"]


class Role(StrEnum):
    """Whom PostgreSQL takes a transaction for; SQLite has no roles."""

    OWNER = "owner"
    """Whoever the hub logged in as: owns the tables, makes and drops partitions."""
    WORKER = "hearthgate_worker"
    """Takes from and reads for any gateway."""
    HOME = "hearthgate_home"
    """Reads the rows of one gateway, by row-level security."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One statement in the words of either."""

    sqlite: str
    postgresql: str

    def of(self, dialect: Dialect) -> str:
        return self.sqlite if dialect == "sqlite" else self.postgresql


class Session(Protocol):
    """Within one transaction. Errors of the database are raised as `GatewayError`."""

    @property
    def dialect(self) -> Dialect: ...

    async def fetch(self, sql: str | Texts, *values: object) -> Sequence[Sequence[Any]]: ...

    async def execute(self, sql: str | Texts, *values: object) -> int:
        """How many rows were touched."""
        ...

    async def execute_many(self, sql: str | Texts, rows: Iterable[Sequence[object]]) -> None:
        """The same statement for every row of values."""
        ...

    async def execute_at_once(self, sql: Texts, rows: Iterable[Sequence[object]]) -> None:
        """For every row of values: SQLite's statement is for one, PostgreSQL's for all and takes columns
        (`unnest($1::text[], ...)`), which costs its server half as much."""
        ...


class Database(Protocol):
    @property
    def dialect(self) -> Dialect: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    def transaction(self, role: Role = Role.WORKER, *, gateway: str = "") -> AbstractAsyncContextManager[Session]:
        """Committed, synced, on leaving; rolled back where the body raises. `gateway` is whose rows `Role.HOME`
        sees."""
        ...

    def alone(self, lock: Lock) -> AbstractAsyncContextManager[bool]:
        """Whether this is the only one within `lock` among all workers; does not wait."""
        ...
