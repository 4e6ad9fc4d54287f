"""Files that are in memory only."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from gateway.errors import Transient

_FINAL = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


@contextmanager
def in_memory(data: bytes, name: str) -> Generator[Path]:
    """A path under which this process, and a child that inherits the descriptor, can open `data` until the block ends;
    what has opened or mapped it by then keeps it. Nobody can change it (memfd_create(2), F_ADD_SEALS).

    Raises `Transient("memory_short")`."""
    try:
        handle = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    except OSError:
        raise Transient("memory_short", file=name, bytes=len(data)) from None
    try:
        _fill(handle, data, name)
        yield Path(f"/proc/self/fd/{handle}")
    finally:
        os.close(handle)


def _fill(handle: int, data: bytes, name: str) -> None:
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(handle, rest) :]
        fcntl.fcntl(handle, fcntl.F_ADD_SEALS, _FINAL)
    except OSError:
        raise Transient("memory_short", file=name, bytes=len(data)) from None
