"""Batches over one MQTT 5 connection: who has acknowledged what, and when to give up waiting."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import aiomqtt

from gateway.config.uplink import Uplink
from gateway.errors import GatewayError, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.links.mqtt5 import Connection5
from gateway.seams import Parcel, Receipts
from gateway.uplink.profiles import PROFILES
from gateway.uplink.transports.awaited import Awaited
from gateway.uplink.transports.expiry import expiry_s
from gateway.uplink.transports.failures import by_code, refusal_of
from gateway.wire.envelope import CONTENT_TYPE
from gateway.wire.uplink import Receipt, UplinkTopics

_ERROR = 0x80
_NOBODY = 0x10  # PUBACK: No matching subscribers
_AROUND_BYTES = 512  # topic, properties and headers of a PUBLISH


class Post:
    """`why` tells what ended the connection. Counter: "uplink.nobody", summaries taken by the broker for nobody."""

    def __init__(
        self,
        *,
        connection: Connection5,
        topics: UplinkTopics,
        settings: Uplink,
        clock: Clock,
        counters: Counters,
        why: Callable[[], GatewayError],
        left: Callable[[str, bytes], None],
    ) -> None:
        self._connection = connection
        self._topics = topics
        self._settings = settings
        self._profile = PROFILES[settings.profile]
        self._clock = clock
        self._counters = counters
        self._why = why
        self._left = left
        self._awaited = Awaited(())
        self._nobody = False

    def take(self, receipt: Receipt) -> None:
        self._awaited.take(receipt)

    async def send(self, batch: Sequence[Parcel]) -> Receipts:
        """See `gateway.seams.Transport.send`."""
        awaited = self._awaited = Awaited(batch)
        now = self._clock.now().wall
        try:
            for parcel in batch:
                self._put(parcel, awaited, now)
        except aiomqtt.MqttError:
            awaited.fail(self._why())
        while not awaited.over and await self._progress(awaited):
            pass
        receipts = awaited.receipts
        if batch and not (receipts.kept or receipts.refused):
            raise self._why() if self._connection.lost.done() else awaited.failure or self._stalled()
        return receipts

    def _put(self, parcel: Parcel, awaited: Awaited, now: datetime) -> None:
        most = min(self._profile.most_bytes, self._connection.most_bytes or self._profile.most_bytes)
        if len(parcel.body) + _AROUND_BYTES > most:
            awaited.refuse(parcel.id, "packet_too_large")
            return
        left_s = expiry_s(
            parcel,
            max_age_days=self._settings.policy(parcel.id.stream).max_age_days,
            now=now,
            most_s=self._profile.most_expiry_s,
        )
        topic = self._topics.stream(parcel.id.stream)
        answer = self._connection.send(topic, parcel.body, content_type=CONTENT_TYPE, expiry_s=left_s)
        self._left(topic, parcel.body)
        answer.add_done_callback(partial(self._acknowledged, awaited, parcel))

    def _acknowledged(self, awaited: Awaited, parcel: Parcel, answer: "asyncio.Future[int]") -> None:
        if answer.cancelled() or answer.exception() is not None:
            return
        code = answer.result()
        if code >= _ERROR:
            key = refusal_of(code)
            awaited.fail(by_code(code)) if key is None else awaited.refuse(parcel.id, key)
            return
        self._nobody = code == _NOBODY
        self._counters.add("uplink.nobody", int(self._nobody))
        if not self._profile.receipts:
            awaited.keep(parcel.id)

    async def _progress(self, awaited: Awaited) -> bool:
        """Wait for the next receipt; False where none came in time, or the connection went."""
        awaited.changed.clear()
        news = asyncio.ensure_future(awaited.changed.wait())
        patience = asyncio.ensure_future(self._clock.sleep(self._settings.stalled_s))
        lost = self._connection.lost
        try:
            ends: set[asyncio.Future[Any]] = {news, patience, lost}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            return news.done() and not lost.done()
        finally:
            news.cancel()
            patience.cancel()

    def _stalled(self) -> GatewayError:
        return Transient("uplink_no_hub" if self._nobody else "uplink_stalled")
