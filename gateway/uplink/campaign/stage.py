"""The stage that follows the hub's offers: hears them, has them carried out, tells how they get on."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping

from gateway.errors import GatewayError, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.uplink.campaign.book import Book, Job, confirmed, heard, moved
from gateway.uplink.campaign.carriers import Carrier, NotConcerned
from gateway.uplink.campaign.kept import KeptBook, Memory
from gateway.uplink.campaign.teller import Link, Teller
from gateway.wire.summary import UpdateState
from gateway.wire.uplink import Offer, Receipt, load

OFFER, RECEIPT = "campaign/offer", "receipt"
LOOK_S = 5.0
HINDERED_S, MOST_HINDERED_S = 60.0, 3600.0
"""After so long what the weather kept from being done is tried again; each time twice as long, up to the latter."""

log = logging.getLogger(__name__)


class CampaignStage:
    """`carriers` by what a target is: "settings", "model", "image". Nothing is begun or told before it is written down,
    so that whatever instant the power goes at, it is gone on with. Counter: "campaign.offers"."""

    def __init__(
        self,
        *,
        gateway: str,
        link: Link,
        memory: Memory,
        carriers: Mapping[str, Carrier],
        clock: Clock,
        counters: Counters,
    ) -> None:
        self._gateway = gateway
        self._carriers = carriers
        self._clock = clock
        self._counters = counters
        self._kept = KeptBook(memory)
        self._teller = Teller(link)
        self._waiting: list[Offer | Receipt] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._due: dict[str, float] = {}
        """When what the weather kept from being done is tried again, by lane."""
        self._hindered: Counter[str] = Counter()
        """How often in a row."""
        link.on_message(OFFER, self._hear_offer)
        link.on_message(RECEIPT, self._hear_receipt)

    @property
    def book(self) -> Book:
        """As it is on the disk; empty before the first look."""
        return self._kept.book

    @property
    def busy(self) -> bool:
        """Whether something is being carried out just now."""
        return any(not task.done() for task in self._tasks.values())

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Until it is cancelled."""
        began = self._clock.now()
        try:
            while True:
                beat()
                try:
                    await self.tick(self._clock.now().seconds_since(began))
                except GatewayError as error:  # the disk; nothing is lost by waiting
                    log.warning("the hub's campaigns wait: %s", error)
                await self._clock.sleep(LOOK_S)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def tick(self, at_s: float) -> None:
        """One look at everything; `at_s` grows. What takes long goes on beside it, one thing a lane. Raises what the
        memory raises."""
        await self._kept.load()
        await self._take_in()
        self._reap()
        for lane, job in self._kept.book.jobs.items():
            if not job.over and at_s >= self._due.get(lane, at_s) and lane not in self._tasks:
                self._tasks[lane] = asyncio.create_task(self._go_on(lane, job, at_s), name=f"campaign/{lane}")
        await self._teller.tell(self._kept.book.words.values(), at_s)

    def _hear_offer(self, raw: bytes) -> None:
        if raw:  # empty: nothing lies ready
            self._waiting.append(load(Offer, raw))
            self._counters.add("campaign.offers")

    def _hear_receipt(self, raw: bytes) -> None:
        receipt: Receipt = load(Receipt, raw)
        if receipt.progress:
            self._waiting.append(receipt)

    async def _take_in(self) -> None:
        waiting = tuple(self._waiting)

        def change(book: Book) -> Book:
            for message in waiting:
                if isinstance(message, Offer):
                    book = heard(book, message, self._gateway)
                else:
                    book = confirmed(book, message.progress)
            return book

        before = self._kept.book.jobs
        await self._kept.change(change)
        del self._waiting[: len(waiting)]
        for lane, job in self._kept.book.jobs.items():
            if lane not in before or before[lane].offer != job.offer:  # something else, or from somewhere else
                self._due.pop(lane, None)
                self._hindered[lane] = 0

    def _reap(self) -> None:
        """What ended; a bug goes through."""
        for lane in [lane for lane, task in self._tasks.items() if task.done()]:
            self._tasks.pop(lane).result()

    async def _go_on(self, lane: str, job: Job, at_s: float) -> None:
        try:
            try:
                await self._carry(job, self._carriers[job.offer.target.what])
            except NotConcerned as error:
                await self._enter(job, UpdateState.IDLE, key=error.key)
            except Transient:
                raise
            except GatewayError as error:
                log.error("campaign %d failed: %s", job.offer.campaign, error)
                await self._enter(job, UpdateState.FAILED, key=error.key)
        except GatewayError as error:  # the weather, or it could not be written down
            log.warning("campaign %d waits: %s", job.offer.campaign, error)
            self._due[lane] = at_s + min(MOST_HINDERED_S, HINDERED_S * 2.0 ** min(self._hindered[lane], 10))
            self._hindered[lane] += 1
        else:
            self._hindered[lane] = 0

    async def _carry(self, job: Job, carrier: Carrier) -> None:
        target = job.offer.target
        if job.offer.rollback:
            if await carrier.take_back(target, job.mark):
                await self._enter(job, UpdateState.ROLLED_BACK)
        elif job.mark is None:
            mark = await carrier.begin(target, job.offer.campaign)
            await self._enter(job, UpdateState.INSTALLED, mark=mark)
        else:
            look = await carrier.look(target, job.mark)
            if look.state is not job.state:
                await self._enter(job, look.state, key=look.key)

    async def _enter(self, job: Job, state: UpdateState, *, mark: str | None = None, key: str | None = None) -> None:
        await self._kept.change(lambda book: moved(book, job, state, self._gateway, mark=mark, key=key))
