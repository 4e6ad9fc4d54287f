"""Summaries into Kafka, for gateways beside a cluster: CloudEvents in structured mode (Kafka protocol binding 1.0.2).

Needs the extra "kafka". The key is the gateway's id, so that one partition keeps a home's order; acknowledged is what
all in-sync replicas have, and the producer is idempotent.
"""

import asyncio
from collections.abc import Callable, Sequence

from gateway.config.secrets import Secret
from gateway.config.uplink import Kafka, Uplink
from gateway.errors import GatewayError, Transient
from gateway.seams import Parcel, Receipts
from gateway.uplink.transports.awaited import Awaited
from gateway.uplink.transports.producer import TOO_LARGE, Producer, aiokafka_producer, arguments, meaning, stopped
from gateway.wire.envelope import CONTENT_TYPE, ParcelId

Answers = dict["asyncio.Future[object]", ParcelId]

_HEADERS = (("content-type", f"{CONTENT_TYPE}; charset=UTF-8".encode()),)


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
        self._make = make or aiokafka_producer
        self._producer: Producer | None = None
        self._lost: asyncio.Future[GatewayError] | None = None

    async def open(self) -> None:
        """See `gateway.seams.Transport`. Raises `Refused("kafka_missing")` where the extra is not installed."""
        if self._producer is not None and self._lost is not None and not self._lost.done():
            return
        await self.close()
        producer = self._make(
            **await asyncio.to_thread(lambda: arguments(self._settings, self._gateway, self._login()))
        )
        try:
            await producer.start()
        except asyncio.CancelledError:
            await stopped(producer)
            raise
        except Exception as error:  # noqa: BLE001 - aiokafka's errors, whose names exist only where it is installed
            await stopped(producer)
            raise meaning(error) from None
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
            await stopped(producer)

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


def _judge(awaited: Awaited, parcel: ParcelId, error: BaseException) -> None:
    if type(error).__name__ in TOO_LARGE:
        awaited.refuse(parcel, "packet_too_large")
    else:
        awaited.fail(meaning(error))
