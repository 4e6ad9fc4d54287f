"""Model files on disk: checked by size and SHA-256 before anything opens them, replaced only as a whole."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Collection, Generator
from contextlib import contextmanager
from io import BufferedReader, BufferedWriter
from pathlib import Path

from gateway.errors import Refused, Transient

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def opened(file: Path, sha256: str, size: int) -> Generator[BufferedReader]:
    """The file, open for reading and checked; what is checked and what is read are the same inode.

    `/proc/self/fd/N` of an open memory file is as good a name as any while N is open.

    Raises `Refused`: "model_missing", "model_unreadable", "model_hash" (its facts say what differs)."""
    with opening(file) as stream:
        found = os.fstat(stream.fileno()).st_size
        if found != size:
            raise Refused("model_hash", file=file.name, expected_bytes=size, found_bytes=found)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != sha256:
            raise Refused("model_hash", file=file.name, expected=sha256, found=digest)
        stream.seek(0)
        yield stream


def read(file: Path, sha256: str, size: int) -> bytes:
    """The checked content; raises as `opened` does."""
    with opened(file, sha256, size) as stream:
        return stream.read()


@contextmanager
def replacing(file: Path) -> Generator[BufferedWriter]:
    """A new file under a temporary name beside `file`, which takes its place when the block ends well; after that it
    is there also after a power cut. Names of temporary files begin with a dot.

    Raises `Refused("model_disk_full")` or `Refused("model_unwritable")`; nothing is left behind then."""
    try:
        make_folder(file.parent)
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        raise _unwritable(file, error) from None
    os.close(handle)
    temporary = Path(name)
    try:
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            os.fchmod(stream.fileno(), 0o644)
            os.fsync(stream.fileno())
        temporary.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise _unwritable(file, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def write(file: Path, data: bytes) -> None:
    """Put `data` in place of `file` at once; raises as `replacing` does."""
    with replacing(file) as stream:
        stream.write(data)


def make_folder(folder: Path) -> None:
    """With all folders above it that are missing. Raises `OSError`."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """What was named, renamed or removed in it stays so after a power cut. Raises `OSError`."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path, keep: Collection[str]) -> int:
    """Remove all files but those of these names; says how many. Raises `Refused("model_unwritable")`."""
    try:
        strangers = [file for file in folder.iterdir() if file.name not in keep] if folder.is_dir() else []
        for file in strangers:
            file.unlink()
        if strangers:
            sync_folder(folder)
    except OSError as error:
        raise _unwritable(folder, error) from None
    return len(strangers)


@contextmanager
def opening(file: Path) -> Generator[BufferedReader]:
    """Open for reading, unchecked. Raises `Refused`: "model_missing", "model_unreadable"."""
    try:
        stream = file.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise Refused("model_missing", file=file.name, status=404) from None
    except OSError as error:
        raise Refused("model_unreadable", file=file.name, cause=_reason(error)) from None
    with stream:
        try:
            yield stream
        except OSError as error:
            raise Transient("model_unreadable", file=file.name, cause=_reason(error)) from None


def _unwritable(file: Path, error: OSError) -> Refused:
    key = "model_disk_full" if error.errno in _FULL else "model_unwritable"
    return Refused(key, file=file.name, folder=str(file.parent), cause=_reason(error))


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
