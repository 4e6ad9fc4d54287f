"""One change of the store at a time, whoever makes it: the daemon, or the command line beside it."""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from gateway.errors import Refused, Transient
from gateway.models import files

LONGEST_S = 180.0
"""Longer than a try-out may take, which is the longest that anybody holds it for."""
_POLL_S = 0.05


@contextmanager
def changing(folder: Path) -> Generator[None]:
    """Alone, between processes and between threads; ends with the process that holds it, however that ends.

    Raises `Transient("model_store_busy")` after `LONGEST_S`, `Refused("model_unwritable")`."""
    try:
        files.make_folder(folder)
        handle = os.open(folder / ".lock", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)  # also another user's
    except OSError as error:
        raise Refused("model_unwritable", folder=str(folder), cause=error.strerror) from None
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    deadline = time.monotonic() + LONGEST_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Transient("model_store_busy") from None
            time.sleep(_POLL_S)
        else:
            return
