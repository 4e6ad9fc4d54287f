"""Kafka without a Kafka: what the producer is given, what its answers mean, and what happens where it is missing."""

import asyncio
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import aiokafka.errors
import pytest

from gateway.config.secrets import Secret
from gateway.errors import GatewayError, Refused, Transient
from gateway.seams import Parcel
from gateway.testing.conformance_transport import TransportCase, check_again, check_closed, check_delivery
from gateway.testing.outbox import MemoryOutbox
from gateway.uplink.transports.kafka import KafkaTransport
from tests.unit.uplink.support import devices, settings

CANARY = "kafka-canary-44d1"


class FakeProducer:
    """Takes everything, or answers with `fails`, one a message; `mute` answers nothing."""

    def __init__(self, **arguments: Any) -> None:
        self.arguments = arguments
        self.taken: list[tuple[str, bytes, bytes, Any]] = []
        self.fails: list[Exception | None] = []
        self.start_error: Exception | None = None
        self.mute = False
        self.stopped = 0

    async def start(self) -> None:
        if self.start_error is not None:
            raise self.start_error

    async def stop(self) -> None:
        self.stopped += 1

    async def send(self, topic: str, *, value: bytes, key: bytes, headers: Any) -> Awaitable[object]:
        self.taken.append((topic, value, key, headers))
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        error = self.fails.pop(0) if self.fails else None
        if error is not None:
            answer.set_exception(error)
        elif not self.mute:
            answer.set_result(None)
        return answer


class House:
    def __init__(self, *, login: Secret | None = None, **changes: Any) -> None:
        self.box = MemoryOutbox()
        self.made: list[FakeProducer] = []
        self.start_error: Exception | None = None
        self.left: list[tuple[str, bytes]] = []
        self.transport = KafkaTransport(
            settings=settings(kafka={"brokers": ["kafka.example:9092"], "topic": "homes"}, **changes),
            gateway="home",
            login=lambda: login,
            left=lambda topic, body: self.left.append((topic, body)),
            make=self._make,
        )

    @property
    def producer(self) -> FakeProducer:
        return self.made[-1]

    async def parcels(self, count: int) -> tuple[Parcel, ...]:
        await self.box.settle({parcel.id for parcel in await self.box.next(1000, 10**6)}, {})
        await self.box.put(devices(count), None)
        return await self.box.next(count, 10**6)

    def _make(self, **arguments: Any) -> FakeProducer:
        self.made.append(FakeProducer(**arguments))
        self.producer.start_error = self.start_error
        return self.producer


async def test_it_keeps_what_a_transport_promises() -> None:
    house = House(tls="off")
    case = TransportCase(
        transport=house.transport,
        parcels=house.parcels,
        arrived=lambda: [value for _, value, _, _ in house.producer.taken],
        cut=asyncio.Event().wait,  # type: ignore[arg-type]
    )
    await check_closed(case)
    await house.transport.open()
    await check_delivery(case)
    await check_again(case)
    topics = {(topic, key, headers) for topic, _, key, headers in house.producer.taken}
    content = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)
    assert topics == {("homes", b"home", content)}
    assert house.left == [("homes", value) for _, value, _, _ in house.producer.taken]
    await house.transport.close()
    assert house.producer.stopped == 1


@pytest.mark.parametrize(
    ("tls", "login", "security"),
    [
        ("off", False, "PLAINTEXT"),
        ("off", True, "SASL_PLAINTEXT"),
        ({}, False, "SSL"),
        ({}, True, "SASL_SSL"),
    ],
)
async def test_the_producer_waits_for_all_replicas_and_says_who_we_are(tls: Any, login: bool, security: str) -> None:
    house = House(tls=tls, login=Secret(user="us", password=CANARY) if login else None)
    await house.transport.open()
    given = house.producer.arguments
    assert (given["acks"], given["enable_idempotence"], given["client_id"]) == ("all", True, "home")
    assert given["bootstrap_servers"] == ["kafka.example:9092"]
    assert given["security_protocol"] == security
    assert (given["ssl_context"] is None) == (tls == "off")
    assert given.get("sasl_plain_password") == (CANARY if login else None)
    await house.transport.close()


@pytest.mark.parametrize(
    ("error", "kind", "key"),
    [
        (aiokafka.errors.KafkaConnectionError(f"no {CANARY}"), Transient, "uplink_unreachable"),
        (aiokafka.errors.AuthenticationFailedError(CANARY), Refused, "uplink_refused"),
        (aiokafka.errors.TopicAuthorizationFailedError("homes"), Refused, "uplink_not_authorised"),
        (aiokafka.errors.UnsupportedVersionError(), Refused, "uplink_protocol"),
        (aiokafka.errors.NotLeaderForPartitionError(), Transient, "uplink_unreachable"),
        (OSError(CANARY), Transient, "uplink_unreachable"),
    ],
)
async def test_errors_say_who_has_to_act_and_no_secret(error: Exception, kind: type[GatewayError], key: str) -> None:
    house = House(tls="off")
    house.start_error = error
    with pytest.raises(kind, match=key) as at_start:
        await house.transport.open()
    assert house.producer.stopped == 1
    house.start_error = None
    await house.transport.open()
    house.producer.fails = [error]
    watching = asyncio.ensure_future(house.transport.lost())
    with pytest.raises(kind, match=key) as at_work:
        await house.transport.send(await house.parcels(1))
    with pytest.raises(kind, match=key):
        await watching
    await house.transport.close()
    assert CANARY not in f"{at_start.value} {at_work.value}"


async def test_what_some_replica_has_counts_and_the_rest_comes_again() -> None:
    house = House(tls="off")
    await house.transport.open()
    batch = await house.parcels(4)
    broken = aiokafka.errors.RequestTimedOutError()
    house.producer.fails = [None, aiokafka.errors.MessageSizeTooLargeError(), broken, None]
    receipts = await house.transport.send(batch)
    assert receipts.kept == {batch[0].id, batch[3].id}
    assert receipts.refused == {batch[1].id: "packet_too_large"}
    await house.transport.close()


async def test_a_cluster_that_acknowledges_nothing_is_given_up() -> None:
    house = House(tls="off", stalled_s=0.05)
    await house.transport.open()
    house.producer.mute = True
    with pytest.raises(Transient, match="uplink_stalled"):
        await house.transport.send(await house.parcels(2))
    await house.transport.close()


async def test_without_the_extra_a_person_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiokafka", None)
    transport = KafkaTransport(
        settings=settings(kafka={"brokers": ["localhost:1"]}, tls="off"), gateway="home", login=lambda: None
    )
    with pytest.raises(Refused, match=r"kafka_missing.*hearthgate\[kafka\]"):
        await transport.open()


async def test_the_real_producer_takes_our_arguments_and_says_when_nobody_is_there(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    transport = KafkaTransport(
        settings=settings(kafka={"brokers": ["127.0.0.1:1"]}, tls="off"),
        gateway="home",
        login=lambda: Secret(user="us", password=CANARY),
    )
    with pytest.raises(Transient, match="uplink_unreachable"):
        await transport.open()
    assert CANARY not in caplog.text
