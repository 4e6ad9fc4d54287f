"""A file that comes piece by piece, and may have begun in an earlier life."""

import hashlib
import os
from pathlib import Path
from typing import IO

from services.updater.sources.files import check_room

_CHUNK = 1 << 20


class Growing:
    """Hashed as it grows. All of it blocks; every method raises `OSError`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._stream: IO[bytes] | None = None

    def size(self) -> int:
        """Bytes that are here."""
        return self._file.stat().st_size if self._file.exists() else 0

    def begin(self, at: int, total: int | None) -> None:
        """Go on after the first `at` bytes; what is behind them goes. Raises `Refused("disk_full")` where `total`
        bytes have no room."""
        check_room(self._file.parent, max(0, (total or 0) - at))
        self._stream = self._file.open("r+b" if at else "wb")
        while left := at - self._stream.tell():
            self._digest.update(self._stream.read(min(_CHUNK, left)))
        self._stream.truncate()

    def take(self, chunk: bytes) -> None:
        assert self._stream is not None
        self._stream.write(chunk)
        self._digest.update(chunk)

    def settle(self) -> str:
        """On the disk; its SHA-256."""
        assert self._stream is not None
        with self._stream as stream:
            stream.flush()
            os.fsync(stream.fileno())
        return self._digest.hexdigest()

    def drop(self) -> None:
        self._file.unlink()
