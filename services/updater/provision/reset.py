"""Factory reset: everything of this home is forgotten before anything reads it.

The wish is dropped last: cut off in between, the next start goes on. The slots, and so the version, stay as they are.
"""

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from services.updater.provision import disk
from services.updater.provision.places import Places

FLAG = "FACTORY_RESET"
ARGUMENT = "hearthgate.wipe=1"
"""On the kernel's command line; whoever adds it to a file there has to take it out again."""


def is_wanted(places: Places) -> bool:
    """By the page (a file on the data partition), by a file on the FAT partition, or by the kernel's command line.
    Windows hides endings, so one in .txt will do."""
    return any(flag.exists() for flag in _flags(places)) or ARGUMENT in _command_line(places.root).split()


def wipe(places: Places, keep: Collection[Path]) -> int:
    """Remove all from the data partition but the directories `keep`, on which others will be mounted; says how many
    files that were. Raises `OSError`."""
    flags = _flags(places)
    disk.put(flags[0], b"")
    kept = {*keep, *(above for path in keep for above in path.parents), places.data}
    gone = sum(_remove(path, kept) for path in _children(places.data) if path != flags[0])
    for flag in flags[1:]:
        disk.drop(flag)
    disk.drop(flags[0])
    return gone


def bound(fstab: Path, data: Path) -> set[Path]:
    """The directories of `data` that fstab(5) mounts elsewhere. Raises `OSError`."""
    found = set()
    for line in fstab.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if len(fields) >= 4 and not fields[0].startswith("#") and "bind" in fields[3].split(","):
            found.add(data / fields[0].removeprefix("/data").lstrip("/"))
    return found


def _flags(places: Places) -> list[Path]:
    """That of the data partition first: it is the last to go."""
    return [places.data / FLAG, places.stick / FLAG, places.stick / f"{FLAG}.txt"]


def _remove(path: Path, kept: Collection[Path]) -> int:
    if not stat.S_ISDIR(path.lstat().st_mode):
        path.unlink()
        return 1
    if path.is_mount():
        return 0
    gone = sum(_remove(child, kept) for child in _children(path))
    if path not in kept:
        path.rmdir()
    return gone


def _children(path: Path) -> Iterator[Path]:
    with os.scandir(path) as entries:
        names = sorted(entry.name for entry in entries)
    return (path / name for name in names)


def _command_line(root: Path) -> str:
    try:
        return (root / "proc/cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
