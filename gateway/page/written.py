"""By which it is known that files were written anew, as those of a certificate are."""

from collections.abc import Iterable
from pathlib import Path

States = tuple[tuple[int, int] | None, ...]


def states(files: Iterable[Path | None]) -> States:
    """Another one than before where a file was written or replaced, came or went. Blocks."""
    return tuple(None if file is None else _state(file) for file in files)


def _state(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
