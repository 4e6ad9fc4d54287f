"""The hub's own authority."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.errors import Invalid, Refused
from services.hub.door.gatekeeper import key_digest
from services.hub.fleet.authority import open_authority
from tests.services.hub.fleet.requests import fresh_key, request_of
from tests.services.hub.store.fleet import NOON


def test_it_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    first = open_authority(tmp_path / "authority", NOON)
    again = open_authority(tmp_path / "authority", NOON)
    assert first.pem == again.pem
    assert (tmp_path / "authority" / "homes.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "authority").stat().st_mode & 0o777 == 0o700


def test_a_certificate_is_for_one_home_and_one_key(tmp_path: Path) -> None:
    authority = open_authority(tmp_path, NOON)
    key = fresh_key()
    certified = authority.certify(request_of(key), "home1", NOON)
    made = x509.load_pem_x509_certificate(certified.pem.encode())
    made.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.pem.encode()))
    assert made.subject.rfc4514_string() == "CN=home1"
    assert made.public_key() == key.public_key()
    assert certified.key_sha256 == key_digest(made.public_bytes(Encoding.DER))  # as the door computes it
    assert made.not_valid_before_utc < NOON
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def tampered() -> str:
    """Signed by another key than the one inside."""
    first, second = request_of(fresh_key()), request_of(fresh_key())
    raw = bytearray(x509.load_pem_x509_csr(first.encode()).public_bytes(Encoding.DER))
    raw[-60:] = x509.load_pem_x509_csr(second.encode()).public_bytes(Encoding.DER)[-60:]
    try:
        return x509.load_der_x509_csr(bytes(raw)).public_bytes(Encoding.PEM).decode()
    except ValueError:
        return "not even a request"


@pytest.mark.parametrize(
    "request_pem",
    [
        "",
        "not PEM",
        request_of(rsa.generate_private_key(65537, 2048)),
        request_of(ec.generate_private_key(ec.SECP384R1())),
        tampered(),
        request_of(fresh_key()) + "x" * 9000,
    ],
    ids=["empty", "text", "rsa", "another curve", "tampered", "huge"],
)
def test_a_bad_request_is_refused(tmp_path: Path, request_pem: str) -> None:
    with pytest.raises(Invalid, match="request_invalid"):
        open_authority(tmp_path, NOON).certify(request_pem, "home1", NOON)


def test_a_request_for_another_home_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="enrolment_other_home"):
        open_authority(tmp_path, NOON).certify(request_of(fresh_key(), "home2"), "home1", NOON)


def test_files_that_do_not_belong_together_are_told(tmp_path: Path) -> None:
    open_authority(tmp_path / "one", NOON)
    open_authority(tmp_path / "two", NOON)
    (tmp_path / "one" / "homes.key").replace(tmp_path / "two" / "homes.key")
    with pytest.raises(Refused, match="authority_files"):
        open_authority(tmp_path / "two", NOON)
    with pytest.raises(Refused, match="authority_files"):
        open_authority(tmp_path / "one", NOON)
