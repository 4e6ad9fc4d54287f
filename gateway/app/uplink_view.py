"""The uplink as the page shows it: every byte that left, and every byte that waits to."""

from collections.abc import Callable, Mapping, Sequence

from gateway.config.uplink import Uplink
from gateway.seams import Parcel
from gateway.store.departures import Departed, Departure, Departures
from gateway.store.outbox.outbox import Outbox
from gateway.uplink.campaign.book import Book, Job
from gateway.uplink.twin.twin import Twin
from gateway.web.parts import OfferView, StreamView, WishView
from gateway.wire.summary import Stream
from gateway.wire.uplink import ModelTarget, SettingsTarget


class UplinkView:
    """Implements `web.parts.Uplink`. Methods raise what the outbox and the store raise."""

    def __init__(
        self,
        settings: Uplink,
        outbox: Outbox,
        departures: Departures,
        *,
        spent: Callable[[], Mapping[str, float]],
        book: Callable[[], Book] = Book,
        twin: Twin | None = None,
    ) -> None:
        self._settings = settings
        self._outbox = outbox
        self._departures = departures
        self._book = book
        self._twin = twin
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

    def offers(self) -> Sequence[OfferView]:
        book = self._book()
        jobs = sorted(book.jobs.values(), key=lambda job: -job.offer.campaign)
        return [_offer(job, heard=job.offer.campaign not in book.words) for job in jobs]

    def wish(self) -> WishView:
        if self._twin is None:
            return WishView(version=0)
        rejected = {one.path: one.key for one in self._twin.rejected}
        return WishView(version=self._twin.looked_at, rejected=rejected)


def _offer(job: Job, *, heard: bool) -> OfferView:
    target = job.offer.target
    if isinstance(target, ModelTarget):
        name, version = target.model, str(target.serial)
    else:
        name, version = "", str(target.version) if isinstance(target, SettingsTarget) else target.version
    return OfferView(
        campaign=job.offer.campaign,
        what=target.what,
        name=name,
        version=version,
        back=job.offer.rollback,
        state=job.state,
        key=job.key,
        heard=heard,
    )
