"""Taking over a file from a folder that somebody else can write to, while they may be writing."""

import errno
import hashlib
import os
import shutil
import stat
from pathlib import Path

from gateway.errors import Refused
from gateway.wire.update import FileName
from services.updater.installer import Progress

MOST_BUNDLE_BYTES = 2 << 30
SPARE_BYTES = 64 << 20
"""Left free on the disk by what comes in."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CHUNK = 1 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT}


def is_there(folder: Path, name: FileName) -> bool:
    """A regular file, not a link to one."""
    try:
        return stat.S_ISREG((folder / name).lstat().st_mode)
    except OSError:
        return False


def take_over(folder: Path, name: FileName, to: Path, progress: Progress) -> str:
    """Copy it, so that nobody who has it open can change it any more; its SHA-256. `to` is whole and on the disk, or
    not there.

    Raises `Refused`: "bundle_missing", "bundle_unreadable" (a link, a device, a stick that was pulled out),
    "bundle_too_large", "bundle_changed" while it was copied, "disk_full"."""
    source = _opened(folder, name)
    try:
        size = _checked_size(source)
        check_room(to.parent, size)
        return _copy(source, size, to, progress)
    except OSError as error:
        to.unlink(missing_ok=True)
        raise refusal(error) from None
    finally:
        os.close(source)


def check_room(folder: Path, size: int) -> None:
    """For so many bytes. Raises `Refused("disk_full")`."""
    free = shutil.disk_usage(folder).free
    if size + SPARE_BYTES > free:
        raise Refused("disk_full", needed_bytes=size + SPARE_BYTES, free_bytes=free)


def drop(folder: Path, name: FileName) -> None:
    """Remove it there, whatever it is by now; harmless where it is gone."""
    try:
        handle = os.open(folder, _FOLDER)
    except OSError:
        return
    try:
        os.unlink(name, dir_fd=handle)
    except OSError:
        return
    finally:
        os.close(handle)


def refusal(error: OSError) -> Refused:
    key = "disk_full" if error.errno in _FULL else "bundle_unreadable"
    return Refused(key, cause=error.strerror or "")


def _opened(folder: Path, name: FileName) -> int:
    try:
        within = os.open(folder, _FOLDER)
    except OSError:
        raise Refused("bundle_missing", file=name) from None
    try:
        return os.open(name, _FILE, dir_fd=within)
    except FileNotFoundError:
        raise Refused("bundle_missing", file=name) from None
    except OSError as error:
        raise refusal(error) from None
    finally:
        os.close(within)


def _checked_size(source: int) -> int:
    found = os.fstat(source)
    if not stat.S_ISREG(found.st_mode):
        raise Refused("bundle_unreadable", cause="not a file")
    if found.st_size > MOST_BUNDLE_BYTES:
        raise Refused("bundle_too_large", bytes=found.st_size, most_bytes=MOST_BUNDLE_BYTES)
    return found.st_size


def _copy(source: int, size: int, to: Path, progress: Progress) -> str:
    digest, done = hashlib.sha256(), 0
    with to.open("wb") as stream:
        while chunk := os.read(source, min(_CHUNK, size - done)):
            stream.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            progress(done / size)
        stream.flush()
        os.fsync(stream.fileno())
    if done != size or os.fstat(source).st_size != size:
        to.unlink()
        raise Refused("bundle_changed", bytes=done, expected_bytes=size)
    return digest.hexdigest()
