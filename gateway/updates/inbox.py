"""Bundles that come over the page, piece by piece: what broke off goes on, and the disk is never filled."""

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import Invalid, Refused

MOST_BUNDLE_BYTES = 2 << 30
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,121}\.raucb")
_PART = re.compile(r"\.(?P<name>.+)\.(?P<total>[0-9]{1,12})\.part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """`have` of `total` bytes are on the disk; `sha256` once all are."""

    name: str
    have: int
    total: int
    sha256: str | None = None


class Inbox:
    """Holds one bundle at a time. Methods block, and raise OSError for what the disk does."""

    def __init__(self, folder: Path, *, reserve_bytes: int, most_bytes: int = MOST_BUNDLE_BYTES) -> None:
        self._folder = folder
        self._reserve_bytes = reserve_bytes
        self._most_bytes = most_bytes
        self._digests: dict[tuple[str, int, int], str] = {}

    def uploads(self) -> tuple[Upload, ...]:
        if not self._folder.is_dir():
            return ()
        found = (self._upload(file) for file in sorted(self._folder.iterdir()))
        return tuple(one for one in found if one is not None)

    def put(self, name: str, first: int, total: int, data: bytes) -> Upload:
        """`data` is what begins at byte `first` of `total`. Raises `Invalid` ("bundle_name", "bundle_too_large",
        "upload_piece", and "upload_place", whose fact `have` tells where to go on) and `Refused("upload_no_room")`."""
        _check_name(name)
        if total > self._most_bytes:
            raise Invalid("bundle_too_large", status=413, most_mb=self._most_bytes >> 20)
        if not data or first + len(data) > total:
            raise Invalid("upload_piece")
        part = self._folder / f".{name}.{total}.part"
        if first == 0:
            self._begin()
        have = part.stat().st_size if part.exists() else 0
        if first != have:
            raise Invalid("upload_place", status=409, have=have)
        self._check_room(total - have)
        _append(part, data)
        if have + len(data) < total:
            return Upload(name=name, have=have + len(data), total=total)
        file = part.replace(self._folder / name)
        _sync(self._folder)
        return Upload(name=name, have=total, total=total, sha256=self._digest(file))

    def drop(self, name: str) -> None:
        _check_name(name)
        for file in [*self._folder.glob(f".{name}.*.part"), self._folder / name]:
            file.unlink(missing_ok=True)

    def _begin(self) -> None:
        """Whatever was here before was given up by who begins anew."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in self._folder.iterdir():
            if self._is_ours(file):
                file.unlink()

    def _is_ours(self, file: Path) -> bool:
        return (
            not file.is_symlink() and file.is_file() and bool(_NAME.fullmatch(file.name) or _PART.fullmatch(file.name))
        )

    def _check_room(self, coming: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if coming + self._reserve_bytes > free:
            needed = coming + self._reserve_bytes
            raise Refused("upload_no_room", status=507, needed_mb=-(-needed >> 20), free_mb=free >> 20)

    def _upload(self, file: Path) -> Upload | None:
        if not self._is_ours(file):
            return None
        try:
            size = file.stat().st_size
            if match := _PART.fullmatch(file.name):
                return Upload(name=match["name"], have=size, total=int(match["total"]))
            return Upload(name=file.name, have=size, total=size, sha256=self._digest(file))
        except FileNotFoundError:  # the updater has taken it just now
            return None

    def _digest(self, file: Path) -> str:
        known = file.stat()
        mark = (file.name, known.st_size, known.st_mtime_ns)
        if mark not in self._digests:
            with file.open("rb") as stream:
                self._digests = {mark: hashlib.file_digest(stream, "sha256").hexdigest()}
        return self._digests[mark]


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Invalid("bundle_name")


def _append(part: Path, data: bytes) -> None:
    """On the disk when it returns, or not there at all."""
    left = memoryview(data)
    with part.open("ab", buffering=0) as stream:
        before = stream.tell()
        try:
            while left:
                left = left[stream.write(left) :]
            os.fsync(stream.fileno())
        except OSError:
            os.ftruncate(stream.fileno(), before)
            raise


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
