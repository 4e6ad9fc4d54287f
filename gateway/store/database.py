"""The durable state of one gateway: one SQLite file in WAL mode, one writer thread."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from gateway.errors import GatewayError
from gateway.flow.board import Counters
from gateway.seams import StateReport
from gateway.store.file import STORE, DatabaseFile, Layout
from gateway.store.writer import Writer
from gateway.types import Level, State

Result = TypeVar("Result")

PART = "store"
_WAITING = 1024


def _nobody(_state: State) -> None:
    return


class Database:
    """`async with Database(path) as database:` opens, migrates and at the end flushes and closes. `part` names its
    state and its counters, as "store" does below.

    Entering raises `Refused("store_schema_newer")`, `Refused("store_unwritable")` or `Transient("disk_full")`. A
    damaged file is set aside as `*.corrupt-<stamp>` and begun anew: counted in "store.corrupt" and reported as
    the state "store_corrupt". At most 1024 jobs wait; more make the caller wait.
    """

    def __init__(
        self,
        path: Path,
        *,
        report: StateReport = _nobody,
        counters: Counters | None = None,
        part: str = PART,
        layout: Layout = STORE,
    ) -> None:
        self.path = path
        self.counters = counters or Counters()
        self._part = part
        self._report = report
        self._calm = State(part=part, level=Level.OK, key="running")
        self._file = DatabaseFile(path, self._corrupt, layout)
        self._writer = Writer(self._file, self._outcome, f"{part}-writer")
        self._room = asyncio.Semaphore(_WAITING)

    async def __aenter__(self) -> "Database":
        await asyncio.wrap_future(self._writer.start())
        self._report(self._calm)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._writer.stop)

    async def run(self, work: Callable[[sqlite3.Connection], Result], *, durable: bool = True) -> Result:
        """The result of `work`, run in a transaction on the writer thread, after its commit.

        `work` may run twice and must touch nothing but the connection. A commit that is not `durable` is atomic all the
        same, but until a durable one follows a power cut may undo the last of them. Raises `Transient` ("disk_full",
        "disk_io", "store_busy"), `Invalid("store_rejected")`, `Refused("store_unwritable")`,
        `Corrupt("store_corrupt")`. A cancelled caller does not take its write back.
        """
        async with self._room:
            result: Result = await asyncio.wrap_future(self._writer.submit(work, durable=durable))
        return result

    async def scrub(self) -> None:
        """Rewrite the file without any freed page and empty the journal: what was deleted is gone from the disk.

        Damaged copies set aside are deleted too, because nothing can be taken out of them.
        """

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.counters.add(f"{self._part}.corrupt_removed", self._file.remove_asides())

        async with self._room:
            await asyncio.wrap_future(self._writer.submit(work, alone=True))

    def _corrupt(self, aside: Path) -> None:
        detail = f"the database was damaged; it is kept as {aside.name} and a new one was begun"
        self._calm = State(part=self._part, level=Level.DEGRADED, key="store_corrupt", detail=detail)
        self.counters.add(f"{self._part}.corrupt")
        self._report(self._calm)

    def _outcome(self, error: Exception | None) -> None:
        if error is None:
            self.counters.add(f"{self._part}.commits")
            self._report(self._calm)
            return
        self.counters.add(f"{self._part}.failed")
        if isinstance(error, GatewayError) and error.status != 400:
            self._report(State(part=self._part, level=Level.DEGRADED, key=error.key, detail=str(error)))
