"""As a browser and OpenSSL judge it."""

import datetime as dt
import socket
import ssl
import threading
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509

from services.updater.provision import certificate, disk, tls
from services.updater.provision.certificate import LASTS, RENEWED
from services.updater.provision.identity import Names
from services.updater.provision.places import Places
from tests.services.updater.provision.home import ME

NOW = dt.datetime.now(dt.UTC)
NAMES = Names(
    host="hearthgate-ab12", addresses=(ip_address("192.168.1.7"), ip_address("fe80::1"), ip_address("8.8.8.8"))
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(root=tmp_path)
    disk.folder(found.tls)
    assert tls.ensure(found, ME, NAMES, NOW)
    return found


def _served(places: Places) -> x509.Certificate:
    return x509.load_pem_x509_certificate((places.tls / "gateway.crt").read_bytes())


def _handshake(places: Places, name: str) -> None:
    """Raises `ssl.SSLError` where who believes the authority would not go on."""
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(places.tls / "gateway.crt", places.tls / "gateway.key")
    theirs = ssl.create_default_context(cafile=str(places.tls / "ca.crt"))
    left, right = socket.socketpair()
    thread = threading.Thread(target=_answer, args=(ours, left))
    thread.start()
    try:
        with right, theirs.wrap_socket(right, server_hostname=name):
            pass
    finally:
        thread.join()


def _answer(context: ssl.SSLContext, end: socket.socket) -> None:
    with end:
        try:
            context.wrap_socket(end, server_side=True).close()
        except OSError:
            return


@pytest.mark.parametrize("name", ["hearthgate-ab12.local", "hearthgate-ab12", "localhost", "192.168.1.7"])
def test_it_is_believed_under_every_name_of_the_gateway(places: Places, name: str) -> None:
    _handshake(places, name)


def test_and_under_no_other(places: Places) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        _handshake(places, "bank.example")


def test_no_house_vouches_for_the_internet(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where its key was stolen."""
    assert ip_address("8.8.8.8") not in _addresses(places)
    monkeypatch.setattr(certificate, "covered", lambda _: [x509.DNSName("bank.example")])
    certificate.ensure(places, ME, NAMES, NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        _handshake(places, "bank.example")


def _addresses(places: Places) -> list[object]:
    names = _served(places).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return list(names.get_values_for_type(x509.IPAddress))


def test_it_stays_as_long_as_it_serves(places: Places) -> None:
    before = _served(places)
    assert not tls.ensure(places, ME, NAMES, NOW + LASTS - RENEWED - dt.timedelta(days=2))
    assert _served(places) == before


def test_it_is_renewed_before_its_end_by_the_same_authority(places: Places) -> None:
    before, authority = _served(places), (places.tls / "ca.crt").read_bytes()
    assert tls.ensure(places, ME, NAMES, NOW + LASTS - RENEWED)
    assert _served(places).not_valid_after_utc > before.not_valid_after_utc
    assert _served(places).public_key() == before.public_key()
    assert (places.tls / "ca.crt").read_bytes() == authority


def test_a_new_address_is_added_and_an_old_one_kept(places: Places) -> None:
    """At the start there is no network yet: nothing is renewed for that."""
    assert not tls.ensure(places, ME, Names(host="hearthgate-ab12"), NOW)
    assert tls.ensure(places, ME, Names(host="hearthgate-ab12", addresses=(ip_address("10.0.0.5"),)), NOW)
    assert {ip_address("192.168.1.7"), ip_address("10.0.0.5")} <= set(_addresses(places))


def test_an_address_that_was_lost_with_its_certificate_is_added_again(places: Places) -> None:
    """Also where the power was cut before the note beside the new one was written."""
    (places.tls / "gateway.crt").write_bytes(b"")
    before = (places.tls / tls.NOTE).read_bytes()
    assert tls.ensure(places, ME, Names(host="hearthgate-ab12"), NOW)
    (places.tls / tls.NOTE).write_bytes(before)
    assert not tls.ensure(places, ME, Names(host="hearthgate-ab12"), NOW)
    assert _addresses(places) == []
    assert tls.ensure(places, ME, NAMES, NOW)
    assert ip_address("192.168.1.7") in _addresses(places)


def test_a_clock_before_its_time_gets_one_that_is_valid_then(places: Places) -> None:
    assert tls.ensure(places, ME, NAMES, NOW - dt.timedelta(days=400))


@pytest.mark.parametrize("name", ["gateway.crt", "gateway.key", "ca.crt", "ca.key"])
@pytest.mark.parametrize("damage", [b"", b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"])
def test_a_damaged_file_is_made_anew(places: Places, name: str, damage: bytes) -> None:
    (places.tls / name).write_bytes(damage)
    tls.ensure(places, ME, NAMES, NOW)
    _handshake(places, "hearthgate-ab12.local")


@pytest.mark.parametrize("note", [b"", b"[]", b"{", b'{"since": 0.0, "until": 9e99, "host": "hearthgate-ab12"}'])
def test_a_note_that_is_damaged_is_not_believed(places: Places, note: bytes) -> None:
    (places.tls / tls.NOTE).write_bytes(note)
    (places.tls / "gateway.crt").write_bytes(b"")
    assert tls.ensure(places, ME, NAMES, NOW)
    _handshake(places, "hearthgate-ab12.local")


def test_rights_that_somebody_changed_are_set_right(places: Places) -> None:
    (places.tls / "gateway.key").chmod(0o666)
    tls.ensure(places, ME, NAMES, NOW)
    assert (places.tls / "gateway.key").stat().st_mode & 0o777 == 0o640
