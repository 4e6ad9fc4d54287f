"""The vault opens what it sealed and nothing else."""

import stat
from pathlib import Path

import pytest

from gateway.errors import Corrupt, Refused
from gateway.store.vault import CREDENTIAL, Vault


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def test_it_opens_what_it_sealed_also_after_a_restart(tmp_path: Path) -> None:
    key = tmp_path / "secret" / "key"
    sealed = Vault(key).seal(b"a face", b"person 1, model m")
    assert Vault(key).open(sealed, b"person 1, model m") == b"a face"
    assert b"a face" not in sealed
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["key"]


def test_the_same_twice_is_sealed_differently(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "key")
    assert vault.seal(b"same", b"") != vault.seal(b"same", b"")


def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "key")
    sealed = vault.seal(b"a face", b"person 1")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Corrupt, match="vault_tampered"):
            vault.open(bytes(changed), b"person 1")


@pytest.mark.parametrize("cut", [0, 1, 12, 28])
def test_a_cut_one_is_found(tmp_path: Path, cut: int) -> None:
    vault = Vault(tmp_path / "key")
    with pytest.raises(Corrupt, match="vault_tampered"):
        vault.open(vault.seal(b"a face", b"")[:cut], b"")


def test_it_is_bound_to_its_person_and_to_its_key(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "key")
    sealed = vault.seal(b"a face", b"person 1")
    with pytest.raises(Corrupt, match="vault_tampered"):
        vault.open(sealed, b"person 2")
    with pytest.raises(Corrupt, match="vault_tampered"):
        Vault(tmp_path / "other").open(sealed, b"person 1")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Vault(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(Refused, match="vault_key_mode") as caught:
        Vault(tmp_path / "key")
    assert caught.value.facts["mode"] == "0640"


def test_a_key_of_the_wrong_length_is_refused_and_not_replaced(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"short")
    key.chmod(0o600)
    with pytest.raises(Refused, match="vault_key_invalid"):
        Vault(key)
    assert key.read_bytes() == b"short"


def test_a_link_in_the_place_of_the_key_is_refused(tmp_path: Path) -> None:
    Vault(tmp_path / "real")
    (tmp_path / "key").symlink_to(tmp_path / "real")
    with pytest.raises(Refused, match="vault_key_unreadable"):
        Vault(tmp_path / "key")


def test_a_key_inside_the_data_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="vault_key_inside"):
        Vault(tmp_path / "data" / "key", data_dir=tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_a_systemd_credential_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / CREDENTIAL).write_bytes(bytes(range(32)))
    (credentials / CREDENTIAL).chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    sealed = Vault(tmp_path / "key").seal(b"a face", b"")
    assert not (tmp_path / "key").exists()
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(Corrupt, match="vault_tampered"):
        Vault(tmp_path / "key").open(sealed, b"")
