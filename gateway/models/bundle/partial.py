"""A download that may be interrupted, and what is needed to go on with it."""

import errno
import hashlib
import re
from collections.abc import Generator
from contextlib import contextmanager
from io import BufferedWriter
from pathlib import Path

from gateway.errors import Refused
from gateway.models import files

_STRONG = re.compile(rb'"[\x21\x23-\x7e]{1,200}"')
_FULL = {errno.ENOSPC, errno.EDQUOT}


class Partial:
    """`<hash of the URL>.part` in `folder`, and beside it the entity tag that the server gave it. The URL itself, which
    may hold a password, is kept nowhere. Only for whoever holds the folder's lock.

    What writes raises `Refused`: "model_disk_full" (nothing is kept then), "model_unwritable"."""

    def __init__(self, folder: Path, url: str) -> None:
        name = hashlib.sha256(url.encode()).hexdigest()
        self.file, self._tag = folder / f"{name}.part", folder / f"{name}.tag"

    @property
    def size(self) -> int:
        """Bytes that are here."""
        return self.file.stat().st_size if self.file.exists() else 0

    @property
    def etag(self) -> str | None:
        """Strong (RFC 9110, section 8.8.3), so that the rest can be asked for; None where that cannot be."""
        if not self.size or not self._tag.exists():
            return None
        found = self._tag.read_bytes()
        return found.decode("ascii") if _STRONG.fullmatch(found) else None

    def begin(self, etag: str | None) -> None:
        """Anew, with what is called `etag`."""
        self.drop()
        if etag is not None and _STRONG.fullmatch(etag.encode("utf-8", "replace")):
            files.write(self._tag, etag.encode())

    @contextmanager
    def appending(self) -> Generator[BufferedWriter]:
        """For what comes after the bytes that are here."""
        try:
            with self.file.open("ab") as stream:
                yield stream
        except OSError as error:
            if error.errno in _FULL:
                self.drop()
            key = "model_disk_full" if error.errno in _FULL else "model_unwritable"
            raise Refused(key, folder=str(self.file.parent), cause=error.strerror) from None

    def drop(self) -> None:
        """Forget it."""
        self.file.unlink(missing_ok=True)
        self._tag.unlink(missing_ok=True)

    def keep_alone(self) -> None:
        """Remove what other downloads left in the folder."""
        files.make_folder(self.file.parent)
        files.sweep(self.file.parent, {self.file.name, self._tag.name, ".lock"})
