"""The producer of aiokafka: how it is made, and what its errors mean. Needs the extra "kafka"."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from typing import Any, Protocol

from gateway.config.secrets import Secret
from gateway.config.uplink import Uplink
from gateway.errors import GatewayError, Refused, Transient
from gateway.links.tls import client_context
from gateway.wire.envelope import MOST_BYTES

_STOP_S = 2.0
_REFUSED = {
    "AuthenticationFailedError": "uplink_refused",
    "AuthenticationMethodNotSupported": "uplink_refused",
    "SaslAuthenticationFailed": "uplink_refused",
    "UnsupportedSaslMechanismError": "uplink_refused",
    "TopicAuthorizationFailedError": "uplink_not_authorised",
    "ClusterAuthorizationFailedError": "uplink_not_authorised",
    "InvalidTopicError": "uplink_not_authorised",
    "IncompatibleBrokerVersion": "uplink_protocol",
    "UnsupportedVersionError": "uplink_protocol",
}
TOO_LARGE = {"MessageSizeTooLargeError", "RecordTooLargeError", "RecordListTooLargeError"}
"""Errors that judge the message itself, by name."""


class Producer(Protocol):
    """What of `aiokafka.AIOKafkaProducer` is used."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def send(self, topic: str, *, value: bytes, key: bytes, headers: Any) -> Awaitable[object]: ...


def arguments(settings: Uplink, gateway: str, login: Secret | None) -> dict[str, object]:
    """Of `aiokafka.AIOKafkaProducer`. Reads the files of TLS. Raises `Refused`."""
    assert settings.kafka is not None
    tls = settings.tls
    security = "PLAINTEXT" if tls == "off" else "SSL"
    given: dict[str, object] = {
        "bootstrap_servers": list(settings.kafka.brokers),
        "client_id": gateway,
        "enable_idempotence": True,
        "acks": "all",
        "max_request_size": MOST_BYTES + 4096,
        "security_protocol": f"SASL_{security}" if login else security,
        "ssl_context": None if tls == "off" else client_context(tls),
    }
    if login is not None:
        given |= {
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": login.user,
            "sasl_plain_password": login.password,
        }
    return given


def aiokafka_producer(**arguments: object) -> Producer:
    try:
        from aiokafka import AIOKafkaProducer
    except ImportError:
        raise Refused("kafka_missing", hint="pip install 'hearthgate[kafka]'") from None
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # states and counters say it
    made: Producer = AIOKafkaProducer(**arguments)
    return made


async def stopped(producer: Producer) -> None:
    with contextlib.suppress(Exception):  # what cannot be said goodbye to is let go
        async with asyncio.timeout(_STOP_S):
            await producer.stop()


def meaning(error: BaseException) -> GatewayError:
    """Named by class, since the classes exist only where aiokafka is installed; its texts may hold anything."""
    name = type(error).__name__
    if name in _REFUSED:
        return Refused(_REFUSED[name])
    if isinstance(error, GatewayError):
        return error
    return Transient("uplink_unreachable", reason=name)
