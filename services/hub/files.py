"""Small files that are there whole or not at all."""

import os
import secrets
from pathlib import Path


def write(file: Path, raw: bytes, mode: int) -> None:
    """In place of what was there; nobody reads it at another mode meanwhile. On the disk before it has its name."""
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(raw)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
