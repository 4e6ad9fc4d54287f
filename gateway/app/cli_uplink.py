"""`hearthgate uplink enrol`: a key pair of this gateway's own, certified by a hub for a one-time token."""

import argparse
import asyncio
import os
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, ContentTypeError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from gateway.app.places import known_settings
from gateway.app.terminal import say
from gateway.config.uplink import Tls
from gateway.errors import ConfigError, Invalid, Refused, Transient
from gateway.links.tls import client_context

_TIMEOUT = ClientTimeout(total=30)

Certified = tuple[str, str]
"""The certificate, and the authority that signed it; both in PEM."""


def enrol(arguments: argparse.Namespace) -> int:
    """The lines for the configuration go to standard output. Raises `Refused` and `Transient`."""
    settings, problems = known_settings(arguments.config)
    if problems:
        raise ConfigError(problems)
    _check_address(arguments.url)
    folder = settings.gateway.data_dir / "uplink"
    key_file, cert_file, authority_file = (folder / name for name in ("home.key", "home.pem", "homes.pem"))
    key = _own_key(key_file)
    certificate, authority = asyncio.run(
        _ask(arguments.url, arguments.token, _request(key, settings.gateway.id), arguments.ca)
    )
    _check_own(certificate, key)
    _write(cert_file, certificate.encode(), 0o644)
    _write(authority_file, authority.encode(), 0o644)
    say(f"{settings.gateway.id} is enrolled. In its configuration:")
    print("\n".join(_lines(arguments.url, cert_file, key_file, arguments.ca)))
    return 0


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not _is_here(parts.hostname or ""):
        raise Refused("enrolment_insecure", expected="https://")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _own_key(file: Path) -> ec.EllipticCurvePrivateKey:
    """The one that is there, or a new one: an answer that was lost on its way is asked for again with the same key."""
    try:
        if not file.exists():
            fresh = ec.generate_private_key(ec.SECP256R1())
            _write(file, fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
        key = load_pem_private_key(file.read_bytes(), password=None)
    except OSError as error:
        raise Refused("enrolment_key", file=str(file), reason=error.strerror or "unknown") from error
    except (ValueError, TypeError) as error:
        raise Refused("enrolment_key", file=str(file), reason="not a key in PEM") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Refused("enrolment_key", file=str(file), reason="not an EC key")
    return key


def _request(key: ec.EllipticCurvePrivateKey, gateway: str) -> str:
    """PKCS #10: proves that we hold the key. It never leaves."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, gateway)])
    signed = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return signed.public_bytes(Encoding.PEM).decode()


async def _ask(url: str, token: str, request: str, ca: Path | None) -> Certified:
    """Raises `Refused` with the hub's own key, and `Transient` ("hub_unreachable", "hub_busy")."""
    tls = client_context(Tls(ca_file=ca)) if url.startswith("https") else False
    body = {"token": token, "request": request}
    try:
        async with (
            ClientSession(timeout=_TIMEOUT) as http,
            http.post(f"{url.rstrip('/')}/enrol", json=body, ssl=tls, allow_redirects=False) as answer,
        ):
            return _certified(answer.status, await _object(answer))
    except (ClientError, TimeoutError, OSError) as error:
        raise Transient("hub_unreachable", reason=str(error) or type(error).__name__) from error


async def _object(answer: ClientResponse) -> dict[str, object]:
    try:
        found = await answer.json()
    except (ContentTypeError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise Invalid("enrolment_answer", status=answer.status)
    return found


def _certified(status: int, found: dict[str, object]) -> Certified:
    if status >= 500:
        raise Transient("hub_busy", told=found.get("key"))
    if status != 201:
        raise Refused(str(found.get("key", "enrolment_answer"))[:48], told=str(found.get("message", ""))[:200])
    certificate, authority = found.get("certificate"), found.get("authority")
    if not isinstance(certificate, str) or not isinstance(authority, str):
        raise Invalid("enrolment_answer")
    return certificate, authority


def _check_own(certificate: str, key: ec.EllipticCurvePrivateKey) -> None:
    try:
        own = x509.load_pem_x509_certificate(certificate.encode()).public_key() == key.public_key()
    except ValueError:
        own = False
    if not own:
        raise Invalid("enrolment_answer", reason="the certificate is not for our key")


def _lines(url: str, cert_file: Path, key_file: Path, ca: Path | None) -> list[str]:
    lines = ["uplink:", f"  host: {urlsplit(url).hostname}", "  tls:"]
    if ca is not None:
        lines.append(f"    ca_file: {ca.absolute()}")
    return [*lines, f"    cert_file: {cert_file}", f"    key_file: {key_file}"]


def _write(file: Path, raw: bytes, mode: int) -> None:
    """Whole or not at all, and on the disk before the token is spent."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as open_file:
        open_file.write(raw)
        open_file.flush()
        os.fsync(open_file.fileno())
    fresh.replace(file)
