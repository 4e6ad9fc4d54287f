"""Bundles on the disk, each under the SHA-256 of its file: written once, never changed."""

import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from gateway.errors import Refused, Transient
from services.hub.registry.kinds import Kind

_FULL = {errno.ENOSPC, errno.EDQUOT}
_BEGUN = ".bundle."
_FORGOTTEN_S = 86_400.0


class Shelf:
    """Blocks; for a thread. Workers on several machines share the folder over the network, or each has a copy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, sha256: str, kind: Kind) -> Path:
        return self._folder / sha256[:2] / f"{sha256}.{kind.suffix}"

    def begin(self, kind: Kind) -> "Incoming":
        """To be closed. What a hub that was killed had begun goes, a day after its last byte. Raises
        `Refused("shelf_unwritable")`, `Transient("disk_full")`."""
        with _told():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in self._folder.glob(f"{_BEGUN}*"):
                if time.time() - left.stat().st_mtime > _FORGOTTEN_S:
                    left.unlink(missing_ok=True)
            handle, name = tempfile.mkstemp(prefix=_BEGUN, dir=self._folder)
        return Incoming(self, kind, handle, Path(name))

    def remove(self, sha256: str, kind: Kind) -> None:
        self.file(sha256, kind).unlink(missing_ok=True)


class Incoming:
    """One that is being brought, hashed while it is written: whatever breaks off before `keep` leaves nothing under a
    bundle's name. Methods raise `Refused("shelf_unwritable")`, `Transient("disk_full")`."""

    def __init__(self, shelf: Shelf, kind: Kind, handle: int, file: Path) -> None:
        self._shelf = shelf
        self._kind = kind
        self._stream = os.fdopen(handle, "wb")
        self._digest = hashlib.sha256()
        self.file = file
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """Of what was written until now."""
        return self._digest.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Raises `Refused("bundle_too_large", status 413)` as well."""
        self.bytes += len(chunk)
        if self.bytes > self._kind.most_bytes:
            raise Refused("bundle_too_large", status=413, most_bytes=self._kind.most_bytes)
        self._digest.update(chunk)
        with _told():
            self._stream.write(chunk)

    def sync(self) -> None:
        """All of it can be read, and is on the disk."""
        with _told():
            self._stream.flush()
            os.fsync(self._stream.fileno())

    def keep(self) -> None:
        """Under its name, which is on the disk when this returns. After `sync`."""
        place = self._shelf.file(self.sha256, self._kind)
        with _told():
            place.parent.mkdir(mode=0o700, exist_ok=True)
            self.file.rename(place)
            _sync(place.parent)
            _sync(place.parent.parent)

    def close(self) -> None:
        with _told():
            self._stream.close()
            self.file.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise Transient("disk_full") from None
        raise Refused("shelf_unwritable", cause=error.strerror) from None
