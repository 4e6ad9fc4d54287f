"""The authority of a house: who believes it, is not warned of the page and knows the broker for the right one."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from gateway.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """`pem` is its certificate, `sha256` that certificate's fingerprint as browsers and phones show it."""

    name: str
    until: datetime
    sha256: str
    pem: bytes


def authority_in(chain: Path) -> Authority | None:
    """The one in this PEM file that signed itself; None where there is none, since one that everybody knows need not be
    sent along (RFC 8446, 4.4.2). Blocks. Raises `Refused("page_certificate")`."""
    try:
        found = x509.load_pem_x509_certificates(chain.read_bytes())
    except OSError as error:
        raise Refused("page_certificate", file=str(chain), reason=error.strerror or "not readable") from None
    except ValueError:
        raise Refused("page_certificate", file=str(chain), reason="not a certificate") from None
    return next((_told(one) for one in found if one.issuer == one.subject and _may_sign(one)), None)


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _told(certificate: x509.Certificate) -> Authority:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Authority(
        name=str(names[0].value) if names else certificate.subject.rfc4514_string(),
        until=certificate.not_valid_after_utc,
        sha256=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        pem=certificate.public_bytes(serialization.Encoding.PEM),
    )
