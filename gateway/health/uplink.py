"""Will summaries get out? Certificates, the way there, and one MQTT 5 CONNECT (OASIS MQTT 5.0, section 3.1)."""

import asyncio
import importlib.util
import os
import ssl
from datetime import UTC, datetime, timedelta

from cryptography import x509

from gateway.config.secrets import Secret, read_credential
from gateway.config.settings import Settings
from gateway.config.uplink import Uplink
from gateway.errors import Refused
from gateway.health.credentials import credential_worry
from gateway.health.finding import Finding, fail, ok, warn
from gateway.health.reach import Unreachable, ask
from gateway.links.tls import client_context

WORRY = "uplink"
SOON = timedelta(days=14)
"""Before a certificate ends, somebody should know."""

_EXPIRED, _NOT_YET_VALID = 10, 9  # X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID of OpenSSL
_CAUSES = {
    "host_unknown": ("uplink_dns", "check 'uplink: host', and the network's name server"),
    "refused": ("uplink_unreachable", "check 'uplink: port'; is the hub running?"),
    "unreachable": ("uplink_unreachable", "check the internet connection; what waits is kept meanwhile"),
    "silent": ("uplink_stalled", "is this the broker's port?"),
    "tls_failed": ("uplink_tls", "check 'uplink: tls: ca_file' and 'host'"),
}
_CODES = {
    0x84: ("uplink_protocol", "does not speak MQTT 5"),
    0x85: ("uplink_refused", "refuses the client id"),
    0x86: ("uplink_refused", "refuses user or password"),
    0x87: ("uplink_refused", "does not let this user in"),
    0x8A: ("uplink_refused", "has banned this gateway"),
}
_IDENTIFIES_BY_CLIENT = {"aws", "eventgrid"}
"""There a CONNECT under another name is refused, and one under ours throws the running gateway out."""


async def check_uplink(settings: Settings) -> list[Finding]:
    """Connects, and says nothing but a CONNECT under a client id of its own."""
    uplink = settings.uplink
    if not uplink.enabled:
        return [ok(WORRY, "off: nothing leaves this home")]
    if uplink.credential is not None:
        missing = credential_worry(WORRY, uplink.credential, settings.gateway.secrets_dir)
        if missing is not None:
            return [missing]
    try:
        context = None if uplink.tls == "off" else await asyncio.to_thread(client_context, uplink.tls)
    except Refused as error:
        return [fail(WORRY, error.key, f"TLS cannot be set up: {error}", "check 'uplink: tls'")]
    if uplink.kafka is not None:
        return [_kafka(), *_own(uplink)]
    return [*_own(uplink), *await _way(settings, context)]


def _kafka() -> Finding:
    if importlib.util.find_spec("aiokafka") is None:
        return fail(WORRY, "kafka_missing", "the extra for Kafka is not installed", "pip install 'hearthgate[kafka]'")
    return ok(WORRY, "into Kafka; its brokers are not asked")


def _own(uplink: Uplink) -> list[Finding]:
    """Of the certificate that we show."""
    if uplink.tls == "off" or uplink.tls.cert_file is None:
        return []
    ends = x509.load_pem_x509_certificate(uplink.tls.cert_file.read_bytes()).not_valid_after_utc
    return _ends(ends, "this gateway's certificate", "uplink_own_certificate", "renew it: 'uplink: tls: cert_file'")


def _ends(ends: datetime, whose: str, key: str, hint: str) -> list[Finding]:
    left = ends - datetime.now(UTC)
    if left < timedelta(0):
        return [fail(WORRY, key, f"{whose} expired on {ends:%Y-%m-%d}", hint)]
    if left < SOON:
        return [warn(WORRY, f"{key}_ends", f"{whose} expires on {ends:%Y-%m-%d}", hint)]
    return []


async def _way(settings: Settings, context: ssl.SSLContext | None) -> list[Finding]:
    uplink, secret = settings.uplink, None
    if uplink.credential is not None:
        secret = read_credential(uplink.credential, settings.gateway.secrets_dir)
    found: list[Finding] = []

    def look(writer: asyncio.StreamWriter) -> None:
        certificate = writer.get_extra_info("peercert") or {}
        if "notAfter" in certificate:
            ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
            found.extend(_ends(ends, "the hub's certificate", "uplink_certificate", "it has to be renewed there"))

    asked = uplink.profile not in _IDENTIFIES_BY_CLIENT
    where = f"{uplink.host}:{uplink.port}"
    try:
        question = connect_packet(secret) if asked else b""
        answer = await ask(uplink.host or "", uplink.port, question, tls=context or False, look=look)
    except Unreachable as error:
        return [*found, _unreachable(error, where, asked=asked)]
    return [*found, _judged(answer, where)]


def _unreachable(error: Unreachable, where: str, *, asked: bool) -> Finding:
    if error.key == "silent" and not asked:
        return ok(WORRY, f"{where} can be reached")
    cause = error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code == _NOT_YET_VALID:
        hint = "timedatectl set-ntp true"
        return fail(WORRY, "uplink_clock", f"the certificate of {where} is not valid yet: is the clock behind?", hint)
    if isinstance(cause, ssl.SSLCertVerificationError) and cause.verify_code == _EXPIRED:
        return fail(WORRY, "uplink_certificate_expired", f"the certificate of {where} has expired", "check the clock")
    key, hint = _CAUSES[error.key]
    return fail(WORRY, key, str(error), hint)


def _judged(answer: bytes, where: str) -> Finding:
    if not answer:
        hint = "does it accept this gateway's certificate? is TLS on at both ends?"
        return fail(WORRY, "uplink_hung_up", f"{where} hangs up", hint)
    if len(answer) < 4 or answer[0] != 0x20:
        return fail(WORRY, "uplink_not_mqtt", f"{where} does not answer as an MQTT broker", "check 'uplink: port'")
    if answer[3] == 0:
        return ok(WORRY, f"{where} lets us in")
    key, message = _CODES.get(answer[3], ("uplink_refused", f"refuses with code {answer[3]}"))
    return fail(WORRY, key, f"{where} {message}", "check 'uplink: credential'")


def connect_packet(secret: Secret | None) -> bytes:
    """A clean start, and no client id that anybody else has."""
    flags, payload = 0x02, _text(f"hearthgate-doctor-{os.getpid()}")
    if secret is not None:
        flags |= 0xC0
        payload += _text(secret.user) + _text(secret.password)
    body = _text("MQTT") + bytes([5, flags, 0, 10, 0]) + payload
    length = bytearray()
    left = len(body)
    while left > 0x7F:
        length.append(left & 0x7F | 0x80)
        left >>= 7
    return b"\x10" + bytes([*length, left]) + body


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw
