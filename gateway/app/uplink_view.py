"""The uplink as the page shows it: every byte that left, and every byte that waits to."""

from collections.abc import Callable, Mapping, Sequence

from gateway.config.uplink import Uplink
from gateway.seams import Parcel
from gateway.store.departures import Departed, Departure, Departures
from gateway.store.outbox.outbox import Outbox
from gateway.web.parts import StreamView
from gateway.wire.summary import Stream


class UplinkView:
    """Implements `web.parts.Uplink`. Methods raise what the outbox and the store raise."""

    def __init__(
        self, settings: Uplink, outbox: Outbox, departures: Departures, *, spent: Callable[[], Mapping[str, float]]
    ) -> None:
        self._settings = settings
        self._outbox = outbox
        self._departures = departures
        self.spent = spent

    @property
    def host(self) -> str:
        kafka = self._settings.kafka
        return ", ".join(kafka.brokers) if kafka is not None else self._settings.host or ""

    async def streams(self) -> Sequence[StreamView]:
        waiting = await self._outbox.waiting()
        return [
            StreamView(
                stream=stream,
                enabled=policy.enabled,
                priority=policy.priority,
                rows=waiting[stream].rows,
                bytes=waiting[stream].bytes,
                oldest_s=waiting[stream].oldest_s,
            )
            for stream, policy in ((one, self._settings.policy(one)) for one in Stream)
        ]

    async def waiting(self, stream: Stream, limit: int, after: int = 0) -> Sequence[Parcel]:
        return await self._outbox.peek(stream, after, limit)

    async def left(self, limit: int, before: int | None = None) -> Sequence[Departure]:
        return await self._departures.recent(limit, before)

    async def totals(self) -> Mapping[str, Departed]:
        return await self._departures.totals()
