"""Whatever is wrong with certificate and code, the page comes up, and nobody's password goes in the open unasked."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.app.build import door
from gateway.app.build.base import Base
from gateway.app.build.door import CLAIMED, find_door, given_code, note_owned
from gateway.config.settings import PageTls, Settings
from gateway.testing.clock import FakeClock
from gateway.types import Level
from gateway.web.listen import Handed
from tests.unit.web.test_tls import self_signed


@pytest.fixture
def base() -> Base:
    return Base.fresh(FakeClock())


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Handed]:
    with socket.create_server(("127.0.0.1", 0)) as https, socket.create_server(("127.0.0.1", 0)) as http:
        found = Handed(https=[https], http=[http])
        monkeypatch.setattr(door, "handed_sockets", lambda: found)
        yield found


def settings(tls: object = "auto", **gateway: object) -> Settings:
    return Settings.model_validate({"web": {"tls": tls}, "gateway": gateway})


def test_at_an_address_of_our_own_it_is_plain(base: Base) -> None:
    found = find_door(settings(), base)
    assert (found.handed, found.tls) == (None, None)


def test_a_certificate_that_was_named_is_shown_everywhere(base: Base, tmp_path: Path) -> None:
    file = str(self_signed(tmp_path))
    assert find_door(settings({"cert_file": file, "key_file": file}), base).tls is not None
    assert base.board.all() == {}


def test_on_an_image_it_is_the_certificate_of_the_first_start(
    base: Base, handed: Handed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = self_signed(tmp_path)
    monkeypatch.setattr(door, "CERTIFICATE", PageTls(cert_file=file, key_file=file))
    found = find_door(settings(), base)
    assert found.handed is handed
    assert found.tls is not None
    assert base.board.all() == {}


def test_where_it_cannot_be_used_one_is_made_up_and_that_is_told(
    base: Base, handed: Handed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "nowhere"
    monkeypatch.setattr(door, "CERTIFICATE", PageTls(cert_file=nowhere, key_file=nowhere))
    found = find_door(settings(), base)
    assert found.handed is handed
    assert found.tls is not None, "never in the open because a file is missing"
    state = base.board.all()["page"]
    assert (state.level, state.key) == (Level.DEGRADED, "page_certificate")


def test_who_wants_none_gets_none(base: Base, handed: Handed) -> None:
    found = find_door(settings("off"), base)
    assert (found.handed, found.tls) == (handed, None)


def test_the_code_comes_from_the_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    home = settings(secrets_dir=str(tmp_path / "secrets"))
    assert given_code(home) is None
    (tmp_path / "claim-code").touch(mode=0o600)
    (tmp_path / "claim-code").write_text("2345-6789-ABCD\n")
    assert given_code(home) == "2345-6789-ABCD"
    (tmp_path / "claim-code").chmod(0o604)
    assert given_code(home) is None, "what everybody can read is no secret"


def test_that_there_is_an_owner_is_noted_where_that_is_possible(tmp_path: Path) -> None:
    note_owned(settings(data_dir=str(tmp_path)))
    assert (tmp_path / CLAIMED).exists()
    note_owned(settings(data_dir=str(tmp_path / "nowhere")))
