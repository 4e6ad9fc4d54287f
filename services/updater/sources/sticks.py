"""Bundles on the FAT partition and on sticks: in their top folder, with a name that ends in .raucb."""

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gateway.errors import Refused
from gateway.wire.update import FileName
from services.updater.sources.files import is_there

_MOST = 32
_NAME: TypeAdapter[FileName] = TypeAdapter(FileName)


class Sticks:
    """`fat` is a folder of bundles, `mounts` a folder of such folders."""

    def __init__(self, fat: Path, mounts: Path) -> None:
        self._fat, self._mounts = fat, mounts

    def names(self) -> Sequence[FileName]:
        """Sorted; of two with one name the first counts."""
        found = {name for folder in self._folders() for name in _bundles(folder)}
        return sorted(found)[:_MOST]

    def folder_of(self, name: FileName) -> Path:
        """Where it lies. Raises `Refused("bundle_missing")`."""
        for folder in self._folders():
            if is_there(folder, name):
                return folder
        raise Refused("bundle_missing", file=name)

    def _folders(self) -> Iterator[Path]:
        yield self._fat
        try:
            with os.scandir(self._mounts) as entries:
                yield from sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
        except OSError:
            return


def _bundles(folder: Path) -> Iterator[FileName]:
    try:
        with os.scandir(folder) as entries:
            for entry in itertools.islice(entries, 1000):
                if entry.name.endswith(".raucb") and entry.is_file(follow_symlinks=False) and _is_name(entry.name):
                    yield entry.name
    except OSError:
        return


def _is_name(name: str) -> bool:
    try:
        _NAME.validate_python(name)
    except ValidationError:
        return False
    return True
