"""Factory reset: everything of this home is forgotten before anything reads it.

The wish is dropped last: cut off in between, the next start goes on. The slots, and so the version, stay as they are.
"""

import os
import stat
from pathlib import Path

from services.updater.provision import disk
from services.updater.provision.places import Places

FLAG = "FACTORY_RESET"
ARGUMENT = "hearthgate.wipe=1"
"""On the kernel's command line; whoever adds it to a file there has to take it out again."""

_FOUND_BY_FSCK = "lost+found"


def is_wanted(places: Places) -> bool:
    """By the page (a file on the data partition), by a file on the FAT partition, or by the kernel's command line.
    Windows hides endings, so one in .txt will do."""
    return any(flag.exists() for flag in _flags(places)) or ARGUMENT in _command_line(places.root).split()


def wipe(places: Places) -> int:
    """Empty the data partition; says of how many files. Raises `OSError`."""
    flags = _flags(places)
    disk.put(flags[0], b"")
    kept = {flags[0], places.data / _FOUND_BY_FSCK}
    gone = sum(_remove(path) for path in _children(places.data) if path not in kept)
    for flag in reversed(flags):
        disk.drop(flag)
    return gone


def _flags(places: Places) -> list[Path]:
    """That of the data partition first: it is the last to go."""
    return [places.data / FLAG, places.stick / FLAG, places.stick / f"{FLAG}.txt"]


def _remove(path: Path) -> int:
    if not stat.S_ISDIR(path.lstat().st_mode):
        path.unlink()
        return 1
    gone = sum(_remove(child) for child in _children(path))
    path.rmdir()
    return gone


def _children(path: Path) -> list[Path]:
    with os.scandir(path) as entries:
        return sorted(path / entry.name for entry in entries)


def _command_line(root: Path) -> str:
    try:
        return (root / "proc/cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
