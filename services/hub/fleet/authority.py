"""The hub's own certificate authority: for gateways alone, and each certificate for one key of one home.

Certificates last long, for what ends a gateway's rights is `Store.revoke`, at once and by its key: there is no list of
revoked ones to fetch.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.errors import Invalid, Refused
from services.hub.files import write

LASTS = timedelta(days=3650)
_SKEW = timedelta(days=1)
"""A gateway's clock may be behind when it first shows its certificate."""
_MOST_BYTES = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """`pem` is the gateway's certificate; `key_sha256` as in `store.words.Enrolment`."""

    pem: str
    key_sha256: str


class Authority:
    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    @property
    def pem(self) -> str:
        return self._certificate.public_bytes(Encoding.PEM).decode()

    def certify(self, request_pem: str, gateway: str, at: datetime) -> Certified:
        """For the key that a PEM request (PKCS #10) proves to hold, where it names this gateway; nothing else of it is
        taken. Raises `Invalid` ("request_invalid") and `Refused` ("enrolment_other_home", status 409)."""
        request = _checked(request_pem)
        names = [name.value for name in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        if names != [gateway]:
            raise Refused("enrolment_other_home", status=409, expected=gateway)
        made = (
            _begun(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, gateway)]), self._certificate.subject, at)
            .public_key(request.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Certified(pem=made.public_bytes(Encoding.PEM).decode(), key_sha256=_digest(request))


def open_authority(folder: Path, at: datetime) -> Authority:
    """`homes.pem` and `homes.key` (0600) in `folder`; made where neither is there. Raises `Refused`
    ("authority_files")."""
    certificate_file, key_file = folder / "homes.pem", folder / "homes.key"
    try:
        if not certificate_file.exists():
            _make(certificate_file, key_file, at)
        key = load_pem_private_key(key_file.read_bytes(), password=None)
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise Refused("authority_files", reason=getattr(error, "strerror", None) or type(error).__name__) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise Refused("authority_files", reason="key and certificate do not belong together")
    return Authority(key, certificate)


def _make(certificate_file: Path, key_file: Path, at: datetime) -> None:
    """The key first: a certificate that is there means that all is."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Hearthgate homes {secrets.token_hex(4)}")])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _begun(name, name, at, lasts=2 * LASTS)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    write(certificate_file, certificate.public_bytes(Encoding.PEM), 0o644)


def _begun(subject: x509.Name, issuer: x509.Name, at: datetime, *, lasts: timedelta = LASTS) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at.astimezone(UTC) - _SKEW)
        .not_valid_after(at.astimezone(UTC) + lasts)
    )


def _checked(request_pem: str) -> x509.CertificateSigningRequest:
    """Whoever sent it holds the key, and the key is one that we take."""
    if len(request_pem) > _MOST_BYTES:
        raise Invalid("request_invalid")
    try:
        request = x509.load_pem_x509_csr(request_pem.encode())
        key = request.public_key()
        sound = request.is_signature_valid
    except Exception as error:  # a stranger's bytes: the library raises many kinds, some of its own
        raise Invalid("request_invalid") from error
    if not sound or not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Invalid("request_invalid")
    return request


def _digest(request: x509.CertificateSigningRequest) -> str:
    der = request.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()
