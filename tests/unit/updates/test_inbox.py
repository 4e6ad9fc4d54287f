"""A bundle comes in pieces, over hiccups and restarts, and never fills the disk."""

import hashlib
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from gateway.errors import GatewayError, Invalid, Refused
from gateway.updates.inbox import Inbox, Upload

NAME = "hearthgate-x86_64-2.0.0.raucb"
DATA = os.urandom(10_000)


def inbox(folder: Path, *, reserve_bytes: int = 0, most_bytes: int = 1 << 20) -> Inbox:
    return Inbox(folder / "updates", reserve_bytes=reserve_bytes, most_bytes=most_bytes)


def test_it_arrives_in_pieces_also_over_a_restart(tmp_path: Path) -> None:
    assert inbox(tmp_path).uploads() == ()
    assert inbox(tmp_path).put(NAME, 0, 10_000, DATA[:4000]).have == 4000
    again = inbox(tmp_path)
    assert again.uploads() == (Upload(name=NAME, have=4000, total=10_000),)
    again.put(NAME, 4000, 10_000, DATA[4000:8000])
    whole = again.put(NAME, 8000, 10_000, DATA[8000:])
    assert whole.sha256 == hashlib.sha256(DATA).hexdigest()
    assert (tmp_path / "updates" / NAME).read_bytes() == DATA
    assert inbox(tmp_path).uploads() == (whole,)


def test_a_piece_that_is_out_of_place_tells_where_to_go_on(tmp_path: Path) -> None:
    here = inbox(tmp_path)
    here.put(NAME, 0, 10_000, DATA[:4000])
    for first in (1, 3999, 8000):
        with pytest.raises(Invalid) as wrong:
            here.put(NAME, first, 10_000, DATA[:100])
        assert (wrong.value.key, wrong.value.status, wrong.value.facts["have"]) == ("upload_place", 409, 4000)
    with pytest.raises(Invalid, match="upload_place"):
        here.put(NAME, 4000, 9_000, DATA[:100])  # another bundle


def test_who_begins_anew_gives_up_what_was_there(tmp_path: Path) -> None:
    here = inbox(tmp_path)
    here.put("old.raucb", 0, 4, b"data")
    here.put("older.raucb", 0, 5, b"data")
    (tmp_path / "updates" / "notes.txt").write_text("not ours")
    here.put(NAME, 0, 10_000, DATA[:100])
    assert [one.name for one in here.uploads()] == [NAME]
    here.put(NAME, 0, 10_000, DATA[:200])
    assert here.uploads() == (Upload(name=NAME, have=200, total=10_000),)
    here.drop(NAME)
    assert here.uploads() == ()
    assert (tmp_path / "updates" / "notes.txt").exists()


@pytest.mark.parametrize(
    ("name", "total", "data", "key"),
    [
        ("../../etc/passwd.raucb", 4, b"data", "bundle_name"),
        (".hidden.raucb", 4, b"data", "bundle_name"),
        ("a/b.raucb", 4, b"data", "bundle_name"),
        ("system.img", 4, b"data", "bundle_name"),
        ("a" * 123 + ".raucb", 4, b"data", "bundle_name"),
        (NAME, (1 << 20) + 1, b"data", "bundle_too_large"),
        (NAME, 3, b"data", "upload_piece"),
        (NAME, 4, b"", "upload_piece"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, name: str, total: int, data: bytes, key: str) -> None:
    with pytest.raises(GatewayError) as wrong:
        inbox(tmp_path).put(name, 0, total, data)
    assert wrong.value.key == key
    assert list(tmp_path.rglob("*.raucb")) == []


def test_the_disk_is_not_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # as shutil's own
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(1 << 30, 0, 50 << 20))
    here = inbox(tmp_path, reserve_bytes=45 << 20, most_bytes=1 << 30)
    with pytest.raises(Refused) as refused:
        here.put(NAME, 0, 6 << 20, DATA)
    assert (refused.value.key, refused.value.status) == ("upload_no_room", 507)
    assert refused.value.facts == {"needed_mb": 51, "free_mb": 50}
    assert here.uploads() == ()
    assert here.put(NAME, 0, 4 << 20, DATA).have == len(DATA)


def test_a_piece_that_could_not_be_written_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = inbox(tmp_path)
    here.put(NAME, 0, 10_000, DATA[:4000])

    def broken(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", broken)
        with pytest.raises(OSError, match="Input/output"):
            here.put(NAME, 4000, 10_000, DATA[4000:])
    assert here.uploads() == (Upload(name=NAME, have=4000, total=10_000),)


def test_a_link_that_somebody_laid_there_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "updates").mkdir()
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / "updates" / NAME).symlink_to(secret)
    assert inbox(tmp_path).uploads() == ()
