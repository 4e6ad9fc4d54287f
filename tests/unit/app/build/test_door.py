"""Whatever is wrong with certificate and code, the page comes up, and nobody's password goes in the open unasked."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.app.build import door
from gateway.app.build.base import Base
from gateway.app.build.door import CLAIMED, find_door, given_code, note_owned
from gateway.config.settings import PageTls, Settings
from gateway.errors import Refused
from gateway.testing.clock import FakeClock
from gateway.types import Level, State
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


def test_the_authority_behind_a_certificate_that_was_made_up_is_nobody(
    base: Base, handed: Handed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_door(settings("off"), base).authority() is None
    file = self_signed(tmp_path)
    monkeypatch.setattr(door, "CERTIFICATE", PageTls(cert_file=file, key_file=file))
    assert find_door(settings(), base).authority() is None
    file.unlink()
    with pytest.raises(Refused, match="page_certificate"):
        find_door(settings(), base).authority()


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


async def shown_by(context: ssl.SSLContext) -> bytes:
    """The certificate that somebody sees who connects now."""
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        anyone = ssl.create_default_context()
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), ssl=anyone)
        found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        await reader.read()
        writer.close()
        return bytes(found)


async def test_a_certificate_that_was_renewed_is_shown_without_a_restart(
    handed: Handed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing at first, then there, then half of one, then another."""
    clock, file = FakeClock(), tmp_path / "cert.pem"
    base = Base.fresh(clock)
    monkeypatch.setattr(door, "CERTIFICATE", PageTls(cert_file=file, key_file=file))
    found = find_door(settings(), base)
    assert found.tls is not None
    told: asyncio.Queue[State] = asyncio.Queue()
    base.board.listen(told.put_nowait)
    shown = [await shown_by(found.tls)]
    keeping = asyncio.create_task(found.keep_current(base))
    async with asyncio.timeout(30):
        for step, key in ((self_signed, "ok"), (_half, "page_certificate"), (self_signed, "ok")):
            step(tmp_path)
            while told.empty():
                await clock.advance(door.LOOK_S)
            assert told.get_nowait().key == key
            shown.append(await shown_by(found.tls))
    keeping.cancel()
    await asyncio.wait({keeping})
    made_up, first, still, second = shown
    assert len({made_up, first, second}) == 3
    assert still == first, "half of a certificate changes nothing"


def _half(folder: Path) -> None:
    (folder / "cert.pem").write_bytes((folder / "cert.pem").read_bytes()[:-300])


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
