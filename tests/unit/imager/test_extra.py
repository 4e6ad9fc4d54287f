"""What a builder adds is what its sums name, or nothing is added."""

import hashlib
from pathlib import Path

import pytest

from imager.extra import SUMS, add_extra
from imager.shell import BuildError

LIBRARY = "usr/lib/libedgetpu.so.1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    library = tmp_path / "extra" / LIBRARY
    library.parent.mkdir(parents=True)
    library.write_bytes(b"library")
    digest = hashlib.sha256(b"library").hexdigest()
    (tmp_path / "extra" / SUMS).write_text(f"{digest}  ./{LIBRARY}\n")
    return tmp_path / "extra"


def test_the_named_file_is_added_without_the_sums(folder: Path, tmp_path: Path) -> None:
    add_extra(folder, tmp_path / "root")
    assert [path for path in (tmp_path / "root").rglob("*") if path.is_file()] == [tmp_path / "root" / LIBRARY]


@pytest.mark.parametrize("spoil", ["changed", "unnamed", "no sums"])
def test_nothing_is_added_otherwise(folder: Path, tmp_path: Path, spoil: str) -> None:
    if spoil == "changed":
        (folder / LIBRARY).write_bytes(b"another")
    elif spoil == "unnamed":
        (folder / "usr/more").write_bytes(b"")
    else:
        (folder / SUMS).unlink()
    with pytest.raises(BuildError):
        add_extra(folder, tmp_path / "root")
    assert not (tmp_path / "root").exists()
