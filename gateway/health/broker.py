"""Does the MQTT broker let us in? One CONNECT and its CONNACK (MQTT 3.1.1, sections 3.1 and 3.2)."""

import os

from gateway.config.secrets import Secret, read_credential
from gateway.config.settings import Settings
from gateway.health.credentials import credential_worry
from gateway.health.finding import Finding, fail, ok
from gateway.health.reach import Unreachable, ask

WORRY = "broker"

_CODES = {
    1: ("broker_version", "the broker does not speak MQTT 3.1.1"),
    2: ("broker_identity", "the broker refuses the client id"),
    3: ("broker_unavailable", "the broker says it is not available"),
    4: ("broker_password", "the broker refuses user or password"),
    5: ("broker_not_authorised", "the broker does not let this user in"),
}
_HINTS = {
    "host_unknown": "use the broker's address under 'mqtt: host'",
    "refused": "start the broker, check 'mqtt: port'",
    "unreachable": "check power, cable and address of the broker",
    "silent": "is this the broker's port?",
    "tls_failed": "the broker's certificate must be trusted by this machine",
}


async def check_broker(settings: Settings) -> list[Finding]:
    mqtt = settings.mqtt
    if mqtt.host is None:
        return [ok(WORRY, "embedded, starts with the gateway")]
    secret = None
    if mqtt.credential is not None:
        missing = credential_worry(WORRY, mqtt.credential, settings.gateway.secrets_dir)
        if missing is not None:
            return [missing]
        secret = read_credential(mqtt.credential, settings.gateway.secrets_dir)
    try:
        answer = await ask(mqtt.host, mqtt.port, connect_packet(secret), tls=mqtt.tls)
    except Unreachable as error:
        return [fail(WORRY, f"broker_{error.key}", str(error), _HINTS[error.key])]
    return [_judged(answer, f"{mqtt.host}:{mqtt.port}")]


def _judged(answer: bytes, where: str) -> Finding:
    if len(answer) < 4 or answer[:2] != b"\x20\x02":
        return fail(
            WORRY, "broker_not_mqtt", f"{where} does not answer as an MQTT broker", "check 'mqtt: port' and 'tls'"
        )
    if answer[3] == 0:
        return ok(WORRY, f"{where} lets us in")
    key, message = _CODES.get(answer[3], ("broker_refused", f"the broker refuses with code {answer[3]}"))
    return fail(WORRY, key, message, "check 'mqtt: credential'")


def connect_packet(secret: Secret | None) -> bytes:
    """A CONNECT with a clean session and a client id of its own, so that no running client is thrown out."""
    flags, payload = 0x02, _text(f"hearthgate-doctor-{os.getpid()}")
    if secret is not None:
        flags |= 0xC0
        payload += _text(secret.user) + _text(secret.password)
    body = _text("MQTT") + bytes([4, flags, 0, 10]) + payload
    return b"\x10" + _length(len(body)) + body


def _text(text: str) -> bytes:
    raw = text.encode()
    return len(raw).to_bytes(2, "big") + raw


def _length(number: int) -> bytes:
    encoded = bytearray()
    while True:
        number, low = divmod(number, 128)
        encoded.append(low | (0x80 if number else 0))
        if not number:
            return bytes(encoded)
