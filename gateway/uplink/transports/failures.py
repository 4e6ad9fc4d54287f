"""What a failed connection means for whoever has to act, in keys of the part "uplink"."""

import socket
import ssl

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode

from gateway.errors import GatewayError, Refused, Transient
from gateway.links.mqtt5 import Connection5

_NOT_YET_VALID, _EXPIRED = 9, 10  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL

# Reason codes of OASIS MQTT 5.0, section 2.4.
_KEYS: dict[int, tuple[type[GatewayError], str]] = {
    0x84: (Refused, "uplink_protocol"),  # Unsupported Protocol Version
    0x85: (Refused, "uplink_refused"),  # Client Identifier not valid
    0x86: (Refused, "uplink_refused"),  # Bad User Name or Password
    0x87: (Refused, "uplink_not_authorised"),  # Not authorized
    0x8A: (Refused, "uplink_refused"),  # Banned
    0x8C: (Refused, "uplink_refused"),  # Bad authentication method
    0x8E: (Refused, "uplink_duplicate"),  # Session taken over
    0x90: (Refused, "uplink_not_authorised"),  # Topic Name invalid
    0x9A: (Refused, "uplink_protocol"),  # Retain not supported
    0x9B: (Refused, "uplink_protocol"),  # QoS not supported
    0x9C: (Refused, "uplink_moved"),  # Use another server
    0x9D: (Refused, "uplink_moved"),  # Server moved
}
_MESSAGES = {0x95: "packet_too_large", 0x99: "payload_format"}


def by_code(code: int) -> GatewayError:
    """Of a CONNACK, PUBACK, SUBACK or DISCONNECT with an error."""
    known = _KEYS.get(code)
    if known is None:
        return Transient("uplink_busy" if code in {0x88, 0x89, 0x97, 0x9F} else "uplink_unreachable", code=code)
    kind, key = known
    return kind(key, code=code)


def refusal_of(code: int) -> str | None:
    """The key where a PUBACK judges the message itself, which will then never be taken; None where it does not."""
    return _MESSAGES.get(code)


def by_failure(error: aiomqtt.MqttError, connection: Connection5) -> GatewayError:
    """Of a connection that could not be made, or was lost."""
    if connection.alert is not None:
        return _by_alert(connection.alert)
    if connection.goodbye is not None:
        return by_code(connection.goodbye)
    if isinstance(error, aiomqtt.MqttCodeError) and isinstance(error.rc, ReasonCode):
        return _by_connack(error.rc.value)
    return _by_cause(error.__context__)


def _by_connack(code: int) -> GatewayError:
    """Some brokers say "Not authorized" where user and password do not match."""
    return Refused("uplink_refused", code=code) if code == 0x87 else by_code(code)


def _by_alert(alert: str) -> GatewayError:
    """TLS alerts about the certificate we showed, or did not show (RFC 8446, section 6.2)."""
    if "certificate" in alert or alert in {"unknown_ca", "access_denied"}:
        return Refused("uplink_own_certificate", alert=alert)
    return Refused("uplink_tls", alert=alert)


def _by_cause(cause: BaseException | None) -> GatewayError:
    """aiomqtt keeps what happened only as the context of its own error."""
    if isinstance(cause, socket.gaierror):
        return Transient("uplink_dns")
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _by_verdict(cause)
    if isinstance(cause, ssl.SSLError):
        return Refused("uplink_tls", reason=(cause.reason or "unknown").lower())
    reason = getattr(cause, "strerror", None) or ("no answer" if isinstance(cause, TimeoutError) else "connection lost")
    return Transient("uplink_unreachable", reason=reason)


def _by_verdict(cause: ssl.SSLCertVerificationError) -> GatewayError:
    if cause.verify_code == _NOT_YET_VALID:
        return Transient("uplink_clock", reason=cause.verify_message)  # heals once the network has told the time
    if cause.verify_code == _EXPIRED:
        return Refused("uplink_certificate_expired")
    return Refused("uplink_certificate", reason=cause.verify_message)
