"""Pictures and clips on disk, bounded in bytes and age."""

import asyncio
import errno
import os
import re
import secrets
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from gateway.errors import GatewayError, Invalid, Refused, Transient
from gateway.flow.board import Counters
from gateway.types import Stamp

Result = TypeVar("Result")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\.[A-Za-z0-9]{1,8})?")
_UNFINISHED = ".part-"
_CLOCK_WAS_SET = datetime(2024, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    path: Path
    bytes: int
    written: float


class MediaStore:
    """`async with MediaStore(...) as media:`; all file work is on one thread named "media".

    The directory itself is the truth: what may go is decided by size and age of the files with a safe name in it,
    never by an index, so a lost index deletes nothing, and files of others are left alone. `reserve_bytes` stay free
    on the disk: the oldest files make room, and where that does not help `Transient("disk_full")` is raised.
    """

    def __init__(
        self,
        directory: Path,
        max_bytes: int,
        max_age_s: float,
        *,
        reserve_bytes: int = 64 << 20,
        counters: Counters | None = None,
        free_bytes: Callable[[Path], int] = lambda directory: shutil.disk_usage(directory).free,
    ) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s
        self._reserve = reserve_bytes
        self._free_bytes = free_bytes
        self._counters = counters or Counters()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="media")

    async def __aenter__(self) -> "MediaStore":
        await self._on_thread(self._prepare)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._thread.shutdown)

    async def put(self, name: str, data: bytes) -> None:
        """Written whole or not at all, also across a power cut. Raises `Invalid("media_name")`,
        `Transient("disk_full")`, `Refused("media_unwritable")`."""
        path = self._path(name)
        await self._on_thread(lambda: self._put(path, data))
        self._counters.add("media.written")

    async def get(self, name: str) -> bytes | None:
        """The bytes, None where it is gone or never was. Raises `Invalid("media_name")`."""
        path = self._path(name)
        return await self._on_thread(lambda: path.read_bytes() if path.is_file() else None)

    async def remove(self, name: str) -> bool:
        """Whether it was there. Raises `Invalid("media_name")`."""
        path = self._path(name)
        there = await self._on_thread(path.is_file)
        await self._on_thread(lambda: path.unlink(missing_ok=True))
        return there

    async def retain(self, now: Stamp) -> int:
        """Delete what is too old or too much; how many files went. While either clock reading lies before 2024
        nothing is judged by age."""
        return await self._on_thread(lambda: self._retain(now.wall.timestamp()))

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Invalid("media_name")
        return self._directory / name

    async def _on_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _prepare(self) -> None:
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise _failure(error) from error
        for unfinished in self._directory.glob(f"{_UNFINISHED}*"):
            unfinished.unlink(missing_ok=True)

    def _put(self, path: Path, data: bytes) -> None:
        self._make_room(len(data))
        unfinished = self._directory / f"{_UNFINISHED}{secrets.token_hex(8)}"
        try:
            _write_durably(unfinished, data)
            unfinished.rename(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            self._counters.add("media.failed")
            raise _failure(error) from error

    def _make_room(self, wanted: int) -> None:
        """Nothing is deleted where deleting everything would not help."""
        kept = self._kept()
        total = sum(one.bytes for one in kept)
        over = max(total + wanted - self._max_bytes, wanted + self._reserve - self._free_bytes(self._directory))
        if over > total:
            self._counters.add("media.failed")
            raise Transient("disk_full", wanted_bytes=wanted)
        while over > 0:
            over -= self._drop(kept.pop(0))

    def _retain(self, now: float) -> int:
        kept = self._kept()
        judged = now >= _CLOCK_WAS_SET
        over = sum(one.bytes for one in kept) - self._max_bytes
        gone = 0
        for one in kept:
            old = judged and _CLOCK_WAS_SET <= one.written < now - self._max_age_s
            if old or over > 0:
                over -= self._drop(one)
                gone += 1
        return gone

    def _kept(self) -> list[_Kept]:
        """Oldest first."""
        found = []
        for path in self._directory.iterdir():
            if _NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                facts = path.stat()
                found.append(_Kept(path=path, bytes=facts.st_size, written=facts.st_mtime))
        return sorted(found, key=lambda one: (one.written, one.path.name))

    def _drop(self, one: _Kept) -> int:
        one.path.unlink(missing_ok=True)
        self._counters.add("media.expired")
        return one.bytes


def _write_durably(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _failure(error: OSError) -> GatewayError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Transient("disk_full")
    return Refused("media_unwritable", reason=error.strerror or "unknown")
