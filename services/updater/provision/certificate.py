"""The certificate of the page and of MQTT, from an authority of this house alone.

The authority lasts as long as the machine, so that a device that was told to believe it need not be told again; it
can vouch for nothing but names and addresses of a home (RFC 5280, 4.2.1.10). What it signs is renewed well before the
397 days are over that browsers and phones accept.
"""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from services.updater.provision import disk
from services.updater.provision.identity import Names
from services.updater.provision.machine import Address
from services.updater.provision.places import Owners, Places

LASTS = dt.timedelta(days=397)
RENEWED = dt.timedelta(days=30)
"""Before its end."""

_AUTHORITY_LASTS = dt.timedelta(days=365 * 30)
_EARLIER = dt.timedelta(days=1)
"""Valid from then, for devices whose clock is slow."""

_HOME = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"
)  # fmt: skip


def ensure(places: Places, owners: Owners, names: Names, now: dt.datetime) -> bool:
    """Have a key and a certificate that suit each other and these names; says whether there is a new certificate.

    Raises `OSError`."""
    authority_key = _key(places.tls / "ca.key", mode=0o600)
    authority = _authority(places.tls / "ca.crt", authority_key, names.host, now)
    key = _key(places.tls / "gateway.key", mode=0o640, group=owners.gateway_group)
    file = places.tls / "gateway.crt"
    known = _load(file)
    wanted = covered(names) if known is None else _kept(known, names)
    if known is not None and _serves(known, key, authority, wanted, now):
        return False
    signed = _signed(authority, authority_key, key, wanted, now)
    return disk.put(file, _pem(signed) + _pem(authority))


def serves(places: Places) -> tuple[dt.datetime, dt.datetime]:
    """From when and until when what is there need not be renewed. Raises `OSError` and `ValueError`."""
    known = x509.load_pem_x509_certificate((places.tls / "gateway.crt").read_bytes())
    return known.not_valid_before_utc, known.not_valid_after_utc - RENEWED


def covered(names: Names) -> list[x509.GeneralName]:
    """Public addresses are left out: no authority of a house may vouch for them."""
    hosts = [x509.DNSName(name) for name in (f"{names.host}.local", names.host, "localhost")]
    homely = sorted({address for address in names.addresses if _homely(address)}, key=str)
    return [*hosts, *(x509.IPAddress(address) for address in homely)]


def _kept(known: x509.Certificate, names: Names) -> list[x509.GeneralName]:
    """Addresses come with the network, after the first look: what is covered once stays covered."""
    before = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    now = covered(names)
    return now + [name for name in before if isinstance(name, x509.IPAddress) and name not in now]


def _serves(
    known: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    names: list[x509.GeneralName],
    now: dt.datetime,
) -> bool:
    covered = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    try:
        known.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return (
        known.public_key() == key.public_key()
        and set(names) <= set(covered)
        and known.not_valid_before_utc <= now < known.not_valid_after_utc - RENEWED
    )


def _authority(file: Path, key: ec.EllipticCurvePrivateKey, host: str, now: dt.datetime) -> x509.Certificate:
    known = _load(file)
    if known is not None and known.public_key() == key.public_key():
        return known
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{host} house authority")])
    subtrees = [x509.DNSName(allowed) for allowed in ("local", "localhost", host)]
    homes = [x509.IPAddress(ipaddress.ip_network(net)) for net in _HOME]
    usage = _usage(sign_certificates=True)
    made = (
        _builder(name, name, key, now, _AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.NameConstraints(permitted_subtrees=[*subtrees, *homes], excluded_subtrees=None), critical=True
        )
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    disk.put(file, _pem(made))
    return made


def _signed(
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName],
    now: dt.datetime,
) -> x509.Certificate:
    first = next(name.value for name in names if isinstance(name, x509.DNSName))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, first)])
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _builder(subject, authority.subject, key, now, LASTS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(by, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime, lasts: dt.timedelta
) -> x509.CertificateBuilder:
    start = now - _EARLIER
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(start + lasts)


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key(file: Path, *, mode: int, group: int | None = None) -> ec.EllipticCurvePrivateKey:
    """The one in the file, or a new one where there is none that can be read."""
    try:
        known = serialization.load_pem_private_key(file.read_bytes(), password=None)
        if isinstance(known, ec.EllipticCurvePrivateKey):
            disk.put(file, file.read_bytes(), mode=mode, group=group)
            return known
    except (FileNotFoundError, ValueError, TypeError):
        pass
    made = ec.generate_private_key(ec.SECP256R1())
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    disk.put(file, made.private_bytes(*form), mode=mode, group=group)
    return made


def _load(file: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _homely(address: Address) -> bool:
    return any(address in ipaddress.ip_network(net) for net in _HOME)
