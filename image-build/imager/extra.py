"""What its builder adds and Debian does not have, such as libedgetpu: a folder that is laid over the root."""

import hashlib
from pathlib import Path

from imager.shell import BuildError
from imager.tree import copy_file

SUMS = "SHA256SUMS"


def add_extra(folder: Path, root: Path) -> None:
    """Every file of `folder`, as `sha256sum` has written it down in `folder`/SHA256SUMS.

    Raises BuildError before anything is copied: a file that is not named there, or is another one."""
    files = sorted(path for path in folder.rglob("*") if not path.is_dir() and path.name != SUMS)
    known = _sums(folder / SUMS)
    for file in files:
        name = str(file.relative_to(folder))
        if known.get(name) != hashlib.sha256(file.read_bytes()).hexdigest():
            raise BuildError(f"{file}: not the file that {SUMS} names")
    for file in files:
        copy_file(file, root / file.relative_to(folder))


def _sums(file: Path) -> dict[str, str]:
    try:
        lines = [line.split(maxsplit=1) for line in file.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        raise BuildError(f"{file} is missing: (cd {file.parent} && find . -type f | xargs sha256sum)") from None
    return {name.lstrip("*").removeprefix("./"): digest for digest, name in lines}
