"""Credentials come from files that only their owner can read, and never show."""

from pathlib import Path

import pytest

from gateway.config.secrets import Secret, read_credential
from gateway.errors import Refused


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def _write(directory: Path, content: bytes, mode: int = 0o600) -> Path:
    directory.mkdir(exist_ok=True)
    file = directory / "door"
    file.write_bytes(content)
    file.chmod(mode)
    return directory


@pytest.mark.parametrize("mode", [0o600, 0o400])
@pytest.mark.parametrize(
    ("content", "password"),
    [(b"ann:secret\n", "secret"), (b"ann:a:b@c ", "a:b@c "), ("ann:ü\r\n".encode(), "ü"), (b"ann:", "")],
)
def test_user_and_password(tmp_path: Path, content: bytes, password: str, mode: int) -> None:
    secret = read_credential("door", _write(tmp_path / "s", content, mode))
    assert secret == Secret(user="ann", password=password)
    assert repr(secret) == "Secret(user='ann')"


def test_what_systemd_hands_over_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(_write(tmp_path / "handed", b"ann:handed", 0o440)))
    assert read_credential("door", _write(tmp_path / "s", b"ann:file")).password == "handed"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_credential("door", tmp_path / "s").password == "file"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o700])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(Refused, match="credential_mode") as caught:
        read_credential("door", _write(tmp_path / "s", b"ann:CANARY", mode))
    assert caught.value.facts["mode"] == f"{mode:04o}"


@pytest.mark.parametrize(
    "content", [b"CANARY", b":CANARY", b"", b"a:b\nc:CANARY", b"a:\xffCANARY", b"a:" + b"C" * 5000]
)
def test_what_is_no_credential(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Refused, match="credential_invalid") as caught:
        read_credential("door", _write(tmp_path / "s", content))
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", ["", "../door", "a/b", ".door", "door\n"])
def test_a_name_cannot_leave_the_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="credential_name"):
        read_credential(name, tmp_path)


def test_a_missing_one_names_where_it_was_sought(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="credential_missing") as caught:
        read_credential("door", tmp_path)
    assert caught.value.facts["looked_in"] == str(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    _write(tmp_path / "s", b"ann:CANARY")
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "door").symlink_to(tmp_path / "s" / "door")
    with pytest.raises(Refused, match="credential_missing"):
        read_credential("door", tmp_path / "t")
