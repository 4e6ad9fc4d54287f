"""Bundles on the disk, each under the SHA-256 of its file: written once, never changed."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gateway.errors import GatewayError, Refused, Transient
from gateway.wire.model_card import MOST_BYTES
from gateway.wire.model_manifest import ModelManifest
from services.hub.registry.reading import manifest_of

MOST_BUNDLE_BYTES = MOST_BYTES + (1 << 20)
"""As gateways take them (docs/bundles.md)."""

_CHUNK = 1 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    sha256: str
    bytes: int
    manifest: ModelManifest


class Shelf:
    """Blocks; for a thread. Workers on several machines share the folder over the network, or each has a copy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / f"{sha256}.hgmodel"

    def add(self, source: Path) -> Kept:
        """A copy of it, hashed while it is written, and on the disk when this returns; what breaks off leaves nothing
        under a bundle's name. Raises `Refused`: "bundle_unreadable", "bundle_too_large", "bundle_invalid",
        "shelf_unwritable"; `Transient("disk_full")`."""
        with _opened(source) as stream, self._fresh() as temporary:
            sha256, size = _copy(stream, temporary)
            kept = Kept(sha256=sha256, bytes=size, manifest=manifest_of(temporary))
            self._place(temporary, self.file(sha256))
        return kept

    def remove(self, sha256: str) -> None:
        self.file(sha256).unlink(missing_ok=True)

    @contextmanager
    def _fresh(self) -> Generator[Path]:
        with _told():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".bundle.", dir=self._folder)
            os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def _place(self, temporary: Path, file: Path) -> None:
        with _told():
            file.parent.mkdir(mode=0o700, exist_ok=True)
            temporary.rename(file)
            _sync(file.parent)
            _sync(self._folder)


@contextmanager
def _opened(source: Path) -> Generator[IO[bytes]]:
    try:
        stream = source.open("rb")
    except OSError as error:
        raise Refused("bundle_unreadable", file=source.name, cause=error.strerror) from None
    with stream:
        yield stream


def _copy(stream: IO[bytes], target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with _told(), target.open("wb") as copy:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > MOST_BUNDLE_BYTES:
                raise Refused("bundle_too_large", status=413, most_bytes=MOST_BUNDLE_BYTES)
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest(), size


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
    except GatewayError:
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise Transient("disk_full") from None
        raise Refused("shelf_unwritable", cause=error.strerror) from None
