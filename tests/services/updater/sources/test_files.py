"""A bundle out of a folder in which somebody else does as he likes."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import Refused
from services.updater.sources import files

DATA = bytes(range(256)) * 10_000
NAME = "new.raucb"


def ignored(_share: float) -> None:
    return


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"root's own")
    return folder


def test_it_is_copied_whole_and_hashed(inbox: Path, tmp_path: Path) -> None:
    (inbox / NAME).write_bytes(DATA)
    shares: list[float] = []
    digest = files.take_over(inbox, NAME, tmp_path / "to", shares.append)
    assert (tmp_path / "to").read_bytes() == DATA
    assert digest == hashlib.sha256(DATA).hexdigest()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def _link(inbox: Path) -> None:
    (inbox / NAME).symlink_to(inbox.parent / "secret")


def _folder_link(inbox: Path) -> None:
    other = inbox.parent / "other"
    other.mkdir()
    (other / NAME).write_bytes(DATA)
    inbox.rmdir()
    inbox.symlink_to(other)


def _fifo(inbox: Path) -> None:
    os.mkfifo(inbox / NAME)


def _folder(inbox: Path) -> None:
    (inbox / NAME).mkdir()


def _nothing(inbox: Path) -> None:
    """There is none."""


def _huge(inbox: Path) -> None:
    with (inbox / NAME).open("wb") as stream:
        stream.truncate(files.MOST_BUNDLE_BYTES + 1)


@pytest.mark.parametrize(
    ("lay", "key"),
    [
        (_link, "bundle_unreadable"),
        (_folder_link, "bundle_missing"),
        (_fifo, "bundle_unreadable"),
        (_folder, "bundle_unreadable"),
        (_nothing, "bundle_missing"),
        (_huge, "bundle_too_large"),
    ],
)
def test_what_is_no_file_of_its_own_is_refused(
    inbox: Path, tmp_path: Path, lay: Callable[[Path], None], key: str
) -> None:
    lay(inbox)
    with pytest.raises(Refused) as refused:
        files.take_over(inbox, NAME, tmp_path / "to", ignored)
    assert refused.value.key == key
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("change", [b"", DATA + b"more"])
def test_a_file_that_changes_meanwhile_is_refused(inbox: Path, tmp_path: Path, change: bytes) -> None:
    (inbox / NAME).write_bytes(DATA)

    def while_copying(_share: float) -> None:
        with (inbox / NAME).open("r+b") as stream:
            stream.truncate(0)
            stream.write(change)

    with pytest.raises(Refused, match="bundle_changed"):
        files.take_over(inbox, NAME, tmp_path / "to", while_copying)
    assert not (tmp_path / "to").exists()


def test_without_room_nothing_is_begun(inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (inbox / NAME).write_bytes(DATA)
    usage = os.statvfs(tmp_path)
    assert usage.f_bavail > 0
    monkeypatch.setattr(files, "SPARE_BYTES", 1 << 60)
    with pytest.raises(Refused, match="disk_full"):
        files.take_over(inbox, NAME, tmp_path / "to", ignored)
    assert not (tmp_path / "to").exists()


def test_only_the_name_is_dropped_and_never_what_a_link_means(inbox: Path) -> None:
    _link(inbox)
    files.drop(inbox, NAME)
    files.drop(inbox, NAME)
    assert list(inbox.iterdir()) == []
    assert (inbox.parent / "secret").read_bytes() == b"root's own"
