"""Summaries into Kafka, for gateways beside a cluster: CloudEvents in structured mode (Kafka protocol binding 1.0.2).

Needs the extra "kafka". The key is the gateway's id, so that one partition keeps a home's order; acknowledged is what
all in-sync replicas have, and the producer is idempotent.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from gateway.config.secrets import Secret
from gateway.config.uplink import Kafka, Uplink
from gateway.errors import GatewayError, Refused, Transient
from gateway.links.tls import client_context
from gateway.seams import Parcel, Receipts
from gateway.uplink.transports.awaited import Awaited
from gateway.wire.envelope import CONTENT_TYPE, MOST_BYTES, ParcelId

Answers = dict["asyncio.Future[object]", ParcelId]

_HEADERS = (("content-type", f"{CONTENT_TYPE}; charset=UTF-8".encode()),)
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
_TOO_LARGE = {"MessageSizeTooLargeError", "RecordTooLargeError", "RecordListTooLargeError"}


class Producer(Protocol):
    """What of `aiokafka.AIOKafkaProducer` is used."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def send(self, topic: str, *, value: bytes, key: bytes, headers: Any) -> Awaitable[object]: ...


class KafkaTransport:
    """A `gateway.seams.Transport`. `make` is given the arguments of `aiokafka.AIOKafkaProducer`."""

    def __init__(
        self,
        *,
        settings: Uplink,
        gateway: str,
        login: Callable[[], Secret | None],
        left: Callable[[str, bytes], None] = lambda _topic, _body: None,
        make: Callable[..., Producer] | None = None,
    ) -> None:
        assert settings.kafka is not None
        self._settings = settings
        self._kafka: Kafka = settings.kafka
        self._gateway = gateway
        self._login = login
        self._left = left
        self._make = make or _aiokafka
        self._producer: Producer | None = None
        self._lost: asyncio.Future[GatewayError] | None = None

    async def open(self) -> None:
        """See `gateway.seams.Transport`. Raises `Refused("kafka_missing")` where the extra is not installed."""
        if self._producer is not None and self._lost is not None and not self._lost.done():
            return
        await self.close()
        producer = self._make(**await asyncio.to_thread(self._arguments))
        try:
            await producer.start()
        except Exception as error:  # noqa: BLE001 - aiokafka's errors, whose names exist only where it is installed
            await _stopped(producer)
            raise _meaning(error) from None
        self._producer, self._lost = producer, asyncio.get_running_loop().create_future()

    async def send(self, batch: Sequence[Parcel]) -> Receipts:
        """See `gateway.seams.Transport`."""
        producer, lost = self._producer, self._lost
        if producer is None or lost is None:
            raise Transient("uplink_unreachable")
        if lost.done():
            raise lost.result()
        awaited = Awaited(batch)
        await self._wait(await self._hand_over(producer, batch, awaited), awaited)
        if batch and not (awaited.receipts.kept or awaited.receipts.refused):
            error = awaited.failure or Transient("uplink_stalled")
            lost.set_result(error)
            raise error
        return awaited.receipts

    async def lost(self) -> None:
        """See `gateway.seams.Transport`. A cluster has no one connection: it is lost when nothing goes through."""
        if self._lost is None:
            raise Transient("uplink_unreachable")
        raise await asyncio.shield(self._lost)

    async def close(self) -> None:
        """See `gateway.seams.Transport`."""
        producer, self._producer, self._lost = self._producer, None, None
        if producer is not None:
            await _stopped(producer)

    async def _hand_over(self, producer: Producer, batch: Sequence[Parcel], awaited: Awaited) -> Answers:
        answers: Answers = {}
        for parcel in batch:
            try:
                answer = await producer.send(
                    self._kafka.topic, value=parcel.body, key=self._gateway.encode(), headers=_HEADERS
                )
            except Exception as error:  # noqa: BLE001 - aiokafka's errors, whose names exist only where it is installed
                _judge(awaited, parcel.id, error)
            else:
                self._left(self._kafka.topic, parcel.body)
                answers[asyncio.ensure_future(answer)] = parcel.id
            if awaited.failure is not None:
                break
        return answers

    async def _wait(self, answers: Answers, awaited: Awaited) -> None:
        pending = set(answers)
        while pending:
            done, pending = await asyncio.wait(
                pending, timeout=self._settings.stalled_s, return_when=asyncio.FIRST_COMPLETED
            )
            for answer in done:
                error = answer.exception()
                if error is None:
                    awaited.keep(answers[answer])
                else:
                    _judge(awaited, answers[answer], error)
            if not done:
                break
        for answer in pending:
            answer.cancel()

    def _arguments(self) -> dict[str, object]:
        tls, login = self._settings.tls, self._login()
        security = "PLAINTEXT" if tls == "off" else "SSL"
        given: dict[str, object] = {
            "bootstrap_servers": list(self._kafka.brokers),
            "client_id": self._gateway,
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


def _aiokafka(**arguments: object) -> Producer:
    try:
        from aiokafka import AIOKafkaProducer
    except ImportError:
        raise Refused("kafka_missing", hint="pip install 'hearthgate[kafka]'") from None
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # states and counters say it
    made: Producer = AIOKafkaProducer(**arguments)
    return made


async def _stopped(producer: Producer) -> None:
    with contextlib.suppress(Exception):  # what cannot be said goodbye to is let go
        async with asyncio.timeout(_STOP_S):
            await producer.stop()


def _judge(awaited: Awaited, parcel: ParcelId, error: BaseException) -> None:
    if type(error).__name__ in _TOO_LARGE:
        awaited.refuse(parcel, "packet_too_large")
    else:
        awaited.fail(_meaning(error))


def _meaning(error: BaseException) -> GatewayError:
    """Named by class, since the classes exist only where aiokafka is installed; its texts may hold anything."""
    name = type(error).__name__
    if name in _REFUSED:
        return Refused(_REFUSED[name])
    if isinstance(error, GatewayError):
        return error
    return Transient("uplink_unreachable", reason=name)
