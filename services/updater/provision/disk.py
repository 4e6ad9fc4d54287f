"""Files that are whole or not there, whenever the power goes; and files that are gone as far as that is possible."""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from gateway.errors import Invalid

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def put(
    file: Path, data: bytes, *, mode: int | None = 0o644, owner: int | None = None, group: int | None = None
) -> bool:
    """Have `data` in `file`, with these rights; says whether it had to be written. `mode` None on FAT, which knows
    none. Raises `OSError`."""
    if _is(file, data, mode, owner, group):
        return False
    fresh = _hidden(file)
    handle = os.open(fresh, _NEW, 0o600)
    try:
        try:
            _write(handle, data)
            if owner is not None or group is not None:
                os.fchown(handle, -1 if owner is None else owner, -1 if group is None else group)
            if mode is not None:
                os.fchmod(handle, mode)
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(fresh, file)  # noqa: PTH105  # the tests cut the power at every call of os
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync(file.parent)
    return True


def link(place: Path, target: Path) -> None:
    """Have `place` lead to `target`. Raises `OSError`."""
    if place.is_symlink() and place.readlink() == target:
        return
    fresh = _hidden(place)
    os.symlink(target, fresh)  # noqa: PTH211  # as below
    os.replace(fresh, place)  # noqa: PTH105  # as below
    sync(place.parent)


def read(file: Path, most: int) -> bytes:
    """What a stranger may have laid there. Raises `Invalid` ("file_irregular", "file_too_large") and `OSError`."""
    handle = os.open(file, _OLD)
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Invalid("file_irregular")
        data = stream.read(most + 1)
    if len(data) > most:
        raise Invalid("file_too_large", most_bytes=most)
    return data


def folder(path: Path, *, mode: int = 0o755, owner: int = -1, group: int = -1) -> None:
    """Have this directory, with these rights; and all above it. Raises `OSError`."""
    if not path.is_dir():
        if not path.parent.is_dir():
            folder(path.parent)
        os.mkdir(path, 0o700)  # noqa: PTH102  # as above
        sync(path.parent)
    found = path.stat()
    if stat.S_IMODE(found.st_mode) != mode:
        os.chmod(path, mode)  # noqa: PTH101  # as above
    if (owner, group) not in {(-1, -1), (found.st_uid, found.st_gid)}:
        os.chown(path, owner, group)


def drop(file: Path) -> None:
    """Gone, also after a power cut. Raises `OSError`."""
    try:
        os.unlink(file)  # noqa: PTH108  # as above
    except FileNotFoundError:
        return
    sync(file.parent)


def erase(file: Path) -> None:
    """Overwritten, then gone; out of sight before, so that nobody reads the half of it after a power cut.

    A card or an SSD writes elsewhere than it read: what was there may still be found by who takes the chip apart.
    Raises `OSError`."""
    hidden = _hidden(file)
    os.replace(file, hidden)  # noqa: PTH105  # as above
    _overwrite(hidden)
    drop(hidden)


def sweep(path: Path) -> None:
    """Remove what a power cut left of `put` and `erase`. Raises `OSError`."""
    with contextlib.suppress(FileNotFoundError):
        for file in list(_leftovers(path)):
            if not file.is_symlink():
                _overwrite(file)
            drop(file)


def sync(path: Path) -> None:
    """What was named or removed in this directory stays so. Raises `OSError`."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _hidden(file: Path) -> Path:
    return file.with_name(f".{file.name}.{secrets.token_hex(4)}")


def _leftovers(path: Path) -> Iterator[Path]:
    for file in path.iterdir():
        stem, dot, end = file.name.rpartition(".")
        if stem.startswith(".") and dot and len(end) == 8 and set(end) <= set("0123456789abcdef"):
            yield file


def _overwrite(file: Path) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _write(handle, bytes(os.fstat(handle).st_size))
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _is(file: Path, data: bytes, mode: int | None, owner: int | None, group: int | None) -> bool:
    try:
        found = os.lstat(file)
        return (
            stat.S_ISREG(found.st_mode)
            and found.st_size == len(data)
            and mode in {None, stat.S_IMODE(found.st_mode)}
            and owner in {None, found.st_uid}
            and group in {None, found.st_gid}
            and read(file, len(data)) == data
        )
    except (FileNotFoundError, Invalid):
        return False
