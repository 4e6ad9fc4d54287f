"""TLS from files: what cannot be used is named by its setting, before anything is sent."""

import ssl
from pathlib import Path

import pytest

from gateway.config.uplink import Tls
from gateway.errors import Refused
from gateway.links.tls import client_context
from tests.integration.certificates import Authority

SECRET = "MIGHAgEAMBMGByq"


def test_names_are_checked_and_old_versions_are_not_spoken(tmp_path: Path) -> None:
    context = client_context(Tls(ca_file=Authority(tmp_path).ca))
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) == 1, "only the authority of the file is believed"


def test_without_a_file_the_system_s_authorities_are_believed() -> None:
    assert client_context(Tls()).verify_mode is ssl.CERT_REQUIRED


def test_a_certificate_is_shown_with_its_key(tmp_path: Path) -> None:
    ours = Authority(tmp_path).issue("home")
    client_context(Tls(cert_file=ours.cert, key_file=ours.key))


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("missing", "tls_file_missing"),
        ("nonsense", "tls_file_invalid"),
        ("folder", "tls_file_unreadable"),
        ("readable", "tls_key_mode"),
        ("another", "tls_file_invalid"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, change: str, key: str) -> None:
    authority = Authority(tmp_path)
    ours, other = authority.issue("home"), authority.issue("other")
    tls = Tls(cert_file=ours.cert, key_file=ours.key)
    match change:
        case "missing":
            ours.key.unlink()
        case "nonsense":
            ours.key.write_text(SECRET)
        case "folder":
            tls = Tls(ca_file=tmp_path)
        case "readable":
            ours.key.chmod(0o604)
        case _:
            tls = Tls(cert_file=ours.cert, key_file=other.key)
    with pytest.raises(Refused, match=key) as told:
        client_context(tls)
    assert SECRET not in str(told.value)
    assert str(tmp_path) not in str(told.value)


def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    ours = Authority(tmp_path).issue("home")
    key = serialization.load_pem_private_key(ours.key.read_bytes(), None)
    ours.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
        )
    )
    with pytest.raises(Refused, match="tls_file_invalid"):
        client_context(Tls(cert_file=ours.cert, key_file=ours.key))
