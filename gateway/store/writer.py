"""The one thread that touches the database: jobs go in, results come back after the commit."""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from gateway.store.failures import is_damage, is_full, meaning
from gateway.store.file import DatabaseFile

log = logging.getLogger(__name__)

Work = Callable[[sqlite3.Connection], Any]
"""Runs on the writer thread inside a transaction and may run twice (a failed batch is repeated one by one)."""

_BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    work: Work
    future: "Future[Any]"
    alone: bool
    durable: bool


class Writer:
    """Waiting jobs share one transaction, so that a burst costs one fsync. A batch that fails is rolled back and
    its jobs are repeated one by one: each future gets its own truth and none resolves before its commit.

    `outcome` hears of every commit that changed something (None) and of every job that failed (its error).
    """

    def __init__(self, file: DatabaseFile, outcome: Callable[[Exception | None], None], name: str) -> None:
        self._file = file
        self._outcome = outcome
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> "Future[None]":
        """Resolves when the database is open; holds the error where it cannot be."""
        self._thread.start()
        return self._opened

    def submit(self, work: Work, *, alone: bool = False, durable: bool = True) -> "Future[Any]":
        """`alone` is for statements that forbid a transaction (VACUUM, checkpoint). Without a `durable` job a batch is
        committed without an fsync."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()  # a cancelled waiter must not take a write back
        self._jobs.put(_Job(work=work, future=future, alone=alone, durable=durable))
        return future

    def stop(self) -> None:
        """Everything submitted so far is carried out first. Blocks until the file is closed."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._open()
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits the start
            self._opened.set_exception(meaning(error))
            return
        self._opened.set_result(None)
        while (batch := self._next_batch()) is not None:
            self._carry_out(batch)
        self._connection.close()

    def _next_batch(self) -> list[_Job] | None:
        first = self._jobs.get()
        if first is None:
            return None
        batch = [first]
        while not batch[-1].alone and len(batch) < _BATCH:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)  # nothing is submitted after stop: the sentinel stays last
                break
            batch.append(job)
        return batch

    def _carry_out(self, batch: list[_Job]) -> None:
        together = [job for job in batch if not job.alone]
        self._transaction(together)
        for job in batch[len(together) :]:
            self._single(job, lambda job=job: job.work(self._connection))  # type: ignore[misc]

    def _transaction(self, jobs: list[_Job]) -> None:
        if len(jobs) == 1:
            self._single(jobs[0], lambda: self._commit(jobs)[0])
            return
        try:
            results = self._commit(jobs)
        except Exception as error:  # noqa: BLE001 - whichever job it was finds out when repeated alone
            log.info("a batch of %d jobs is repeated one by one: %s", len(jobs), meaning(error))
            for job in jobs:
                self._single(job, lambda job=job: self._commit([job])[0])  # type: ignore[misc]
            return
        for job, result in zip(jobs, results, strict=True):
            job.future.set_result(result)

    def _commit(self, jobs: list[_Job]) -> list[Any]:
        if not jobs:
            return []
        changes = self._connection.total_changes
        self._connection.execute(f"PRAGMA synchronous = {'FULL' if any(job.durable for job in jobs) else 'NORMAL'}")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            results = [job.work(self._connection) for job in jobs]
            self._connection.execute("COMMIT")
        except BaseException:  # whatever it was, half a batch is not kept
            if self._connection.in_transaction:  # SQLite may have rolled back by itself
                self._connection.execute("ROLLBACK")
            raise
        if self._connection.total_changes != changes:
            self._outcome(None)
        return results

    def _single(self, job: _Job, attempt: Callable[[], Any]) -> None:
        try:
            result = self._with_remedy(attempt)
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits the job
            told = meaning(error)
            self._outcome(told)
            job.future.set_exception(told)
        else:
            job.future.set_result(result)

    def _with_remedy(self, attempt: Callable[[], Any]) -> Any:
        """What can be mended is mended and tried once more: a damaged file, a journal that fills the disk."""
        try:
            if not self._is_open:  # it was begun anew, and there was no room for that
                self._open()
            return attempt()
        except sqlite3.Error as error:
            if is_damage(error):
                self._begin_anew()
            elif not (is_full(error) and self._empty_journal()):
                raise
        return attempt()

    def _begin_anew(self) -> None:
        self._is_open = False
        self._connection.close()
        self._file.set_aside()
        self._open()

    def _open(self) -> None:
        self._connection = self._file.open()
        self._is_open = True

    def _empty_journal(self) -> bool:
        """Write the journal's pages home and give its room back; without room even a deletion would fail."""
        try:
            busy: int = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error:
            return False
        return busy == 0
