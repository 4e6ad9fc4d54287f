"""Over https the cookie is for https only."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import ClientSession, CookieJar
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.testing.clock import FakeClock
from gateway.web.auth import Auth
from gateway.web.server import serve
from tests.unit.web.conftest import PASSWORD, USER, Page
from tests.unit.web.fakes import MemoryKeyValue, make_parts


def self_signed(folder: Path) -> Path:
    """A PEM file with a key and a certificate for one day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(datetime.now(UTC) - timedelta(hours=1))
    cert = builder.not_valid_after(datetime.now(UTC) + timedelta(days=1)).sign(key, hashes.SHA256())
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "cert.pem"
    path.write_bytes(plain + cert.public_bytes(serialization.Encoding.PEM))
    return path


async def test_https_keeps_the_cookie_to_itself(clock: FakeClock, tmp_path: Path) -> None:
    here = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    here.load_cert_chain(self_signed(tmp_path))
    async with (
        Auth(MemoryKeyValue(), clock) as auth,
        serve(make_parts(auth, clock), tls=here) as running,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as http,
    ):
        assert running.url.startswith("https://")
        page = Page(http, running.url)
        body = {"code": auth.claim_code(), "user": USER, "password": PASSWORD}
        answer = await page.post("/api/v1/claim", json=body, ssl=False)
        assert answer.status == 201
        assert "Secure" in answer.headers["Set-Cookie"].split("; ")
        assert "Strict-Transport-Security" not in answer.headers, "nobody is let past a renewed self-signed certificate"
