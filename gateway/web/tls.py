"""What the page shows of itself over https: the certificate it was given, or one made up for this very start."""

import ipaddress
import os
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.errors import Refused

_DAYS = 365


def page_context(cert: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or later with the certificate of these PEM files. Raises `Refused("page_certificate")`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, cert, key)
    return context


def renew(context: ssl.SSLContext, cert: Path, key: Path) -> None:
    """Whoever connects from now on is shown what these files hold; who is connected stays so. Raises as
    `page_context`, and then everything is as it was."""
    page_context(cert, key)  # half of a new pair would end the one that is shown
    _load(context, cert, key)


def _load(context: ssl.SSLContext, cert: Path, key: Path) -> None:
    try:
        context.load_cert_chain(cert, key, password=_no_password)
    except OSError as error:  # ssl.SSLError is one
        raise Refused("page_certificate", file=str(cert), reason=error.strerror or "not readable") from None
    except ValueError:
        raise Refused("page_certificate", file=str(cert), reason="the key has a password") from None


def made_up_context() -> ssl.SSLContext:
    """With a self-signed certificate that nobody can know: better than passwords in the open, worse than one that a
    browser was told to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, socket.gethostname()[:64] or "hearthgate")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName(_names()), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with TemporaryDirectory() as folder:  # of mode 0700; OpenSSL reads files only
        file = Path(folder) / "page.pem"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(plain + certificate.public_bytes(serialization.Encoding.PEM))
        return page_context(file, file)


def _names() -> list[x509.GeneralName]:
    loopback = ipaddress.ip_address("127.0.0.1")
    return [x509.DNSName("localhost"), x509.DNSName("hearthgate.local"), x509.IPAddress(loopback)]


def _no_password() -> str:
    """OpenSSL would ask on the terminal, and wait."""
    return ""
