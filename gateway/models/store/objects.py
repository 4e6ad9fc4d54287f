"""Files of models under the names of their hashes: what is there is whole, and is checked again when it is opened."""

import hashlib
import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Protocol

from gateway.errors import GatewayError, Refused
from gateway.models import files
from gateway.models.store.memory import in_memory
from gateway.wire.model_card import CardFile

SEALED = ".sealed"
_CHUNK = 1 << 20


class Sealer(Protocol):
    """Encrypts what lies on the disk. `name` is bound to the content: an object cannot pose as another."""

    def seal(self, data: bytes, name: str) -> bytes: ...

    def unseal(self, data: bytes, name: str) -> bytes:
        """Raises a `GatewayError` where the key is another one or the content is damaged."""
        ...


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


Content = bytes | Path | Readable


class Objects:
    """`folder` holds `<sha256>`, or `<sha256>.sealed` for what came while there was a `sealer`.

    Takes no lock: whoever puts or sweeps holds the store's (`gateway.models.store.lock`).
    """

    def __init__(self, folder: Path, sealer: Sealer | None = None) -> None:
        self.folder = folder
        self._sealer = sealer

    def path(self, file: CardFile) -> Path:
        """Where the file lies, or will lie, unless it is sealed."""
        return self.folder / file.sha256

    def holds(self, file: CardFile) -> bool:
        """Whether it is there, sound or not."""
        return self.path(file).exists() or self._sealed(file).exists()

    def sound(self, file: CardFile) -> bool:
        """Whether it is there and as its card says; reads it all."""
        try:
            with self.opened(file):
                return True
        except GatewayError:
            return False

    def put(self, file: CardFile, content: Content) -> None:
        """Take it in, unless it is there and sound; on the disk for good when this returns.

        Raises `Refused`: "model_missing", "model_unreadable", "model_hash" (of another size or hash than the card says;
        a file or stream that is too large is not read to its end), "model_disk_full", "model_unwritable"."""
        if self.sound(file):
            return
        with _chunks(file, content) as chunks:
            if self._sealer is not None:
                sealed = self._sealer.seal(b"".join(_checked(file, chunks)), file.sha256)
                files.write(self._sealed(file), sealed)
                return
            with files.replacing(self.path(file)) as stream:
                for chunk in _checked(file, chunks):
                    stream.write(chunk)

    def adopt(self, file: CardFile, flat: Path) -> None:
        """Give the file of that other name its hash's name too (a hard link: no bytes are copied, both names stay), if
        it is sound and there is none yet. Raises `Refused` as `put` does."""
        if self.holds(file):
            return
        with files.opened(flat, file.sha256, file.bytes):
            try:
                files.make_folder(self.folder)
                os.link(flat, self.path(file))
                files.sync_folder(self.folder)
            except OSError:  # another file system, or one without links
                self.put(file, flat)

    @contextmanager
    def file(self, file: CardFile) -> Generator[Path]:
        """A path to open it by until the block ends. Who opens it checks it (`files.opened`, as every backend does).

        A sealed one is decrypted to memory, never to the disk: then the path names a descriptor of this process.
        Raises `Refused`: "model_missing", "model_sealed" (there is no key), and what `Sealer.unseal` raises."""
        if self.path(file).exists() or not self._sealed(file).exists():
            yield self.path(file)
            return
        with in_memory(self._unsealed(file), file.name) as path:
            yield path

    @contextmanager
    def opened(self, file: CardFile) -> Generator[BufferedReader]:
        """Open for reading and checked by size and hash before a byte of it is given away. Raises as `file` and
        `files.opened` do."""
        with self.file(file) as path, files.opened(path, file.sha256, file.bytes) as stream:
            yield stream

    def sweep(self, keep: Iterable[str]) -> int:
        """Remove what is not of these hashes, and what an interrupted write left; says how many."""
        kept = {name for sha256 in keep for name in (sha256, sha256 + SEALED)}
        return files.sweep(self.folder, kept)

    def _sealed(self, file: CardFile) -> Path:
        return self.folder / (file.sha256 + SEALED)

    def _unsealed(self, file: CardFile) -> bytes:
        if self._sealer is None:
            raise Refused("model_sealed", file=file.name, hint="the credential that models are sealed with is missing")
        with files.opening(self._sealed(file)) as stream:
            most = 2 * file.bytes + _CHUNK
            sealed = stream.read(most + 1)
        if len(sealed) > most:
            raise Refused("model_hash", file=file.name, expected_bytes=file.bytes, found_bytes=f"more than {most}")
        return self._sealer.unseal(sealed, file.sha256)


@contextmanager
def _chunks(file: CardFile, content: Content) -> Generator[Iterator[bytes]]:
    with ExitStack() as stack:
        if isinstance(content, bytes):
            yield iter((content,))
            return
        stream: Readable = content if not isinstance(content, Path) else stack.enter_context(files.opening(content))
        if isinstance(content, Path):
            _refuse_size(file, content.stat().st_size)
        yield iter(lambda: stream.read(_CHUNK), b"")


def _checked(file: CardFile, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same chunks; the last one is followed by an error unless all of them are the file."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > file.bytes:
            _refuse_size(file, size)
        digest.update(chunk)
        yield chunk
    _refuse_size(file, size)
    if digest.hexdigest() != file.sha256:
        raise Refused("model_hash", file=file.name, expected=file.sha256, found=digest.hexdigest())


def _refuse_size(file: CardFile, size: int) -> None:
    if size != file.bytes:
        raise Refused("model_hash", file=file.name, expected_bytes=file.bytes, found_bytes=size)
