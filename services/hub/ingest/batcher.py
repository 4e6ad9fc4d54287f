"""Many messages to one commit: while one batch is being written the next one gathers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.errors import Transient
from services.hub.ingest.batch import Outcome
from services.hub.ingest.ingest import Ingest
from services.hub.ingest.words import UNANNOUNCED, Answer, Arrival

_AGAIN_S = (0.1, 0.3, 1.0, 2.0, 5.0)
_EARLY_S = 0.1
_MOST_EARLY = 200


@dataclass(slots=True, kw_only=True, eq=False)
class _Entry:
    arrival: Arrival
    done: "asyncio.Future[str | None]"
    until: float = field(default=0.0)
    """When it has waited long enough for its hello, by the loop's clock."""


class Batcher:
    """`publish` is called with every answer before what it answers counts as done.

    `patience_s`: for so long a summary waits for the hello that announces its epoch, where both may have taken
    different ways (several workers of one broker); at most 200 wait at a time."""

    def __init__(
        self,
        ingest: Ingest,
        publish: Callable[[Answer], None],
        *,
        most: int = 500,
        linger_s: float = 0.02,
        patience_s: float = 0.0,
        weather: Callable[[str | None], None] = lambda _key: None,
    ) -> None:
        self._ingest = ingest
        self._publish = publish
        self._most = most
        self._linger_s = linger_s
        self._patience_s = patience_s
        self._weather = weather
        self._queue: asyncio.Queue[_Entry | None] = asyncio.Queue(4 * most)
        self._early: list[_Entry] = []
        self._batch: list[_Entry] = []
        self._closed = self._over = False

    async def put(self, arrival: Arrival) -> "asyncio.Future[str | None]":
        """Waits while four batches are waiting already. See `door.contract.Intake`."""
        loop = asyncio.get_running_loop()
        entry = _Entry(arrival=arrival, done=loop.create_future(), until=loop.time() + self._patience_s)
        if self._closed:
            entry.done.cancel()
        else:
            await self._queue.put(entry)
            if self._over:
                self._abandon()
        return entry.done

    async def close(self) -> None:
        """Take nothing more; `run` ends once all that was taken is done."""
        self._closed = True
        await self._queue.put(None)

    async def run(self) -> None:
        """Until closed. What the store cannot do now is tried again and again; everything behind it waits."""
        try:
            open_ = True
            while open_:
                self._batch, open_ = await self._collect()
                await self._take(self._batch, last=not open_)
        finally:
            self._closed = self._over = True
            self._abandon()

    async def _collect(self) -> tuple[list[_Entry], bool]:
        batch, self._early = self._early, []
        try:
            async with asyncio.timeout(_EARLY_S if batch else None):
                first = await self._queue.get()
        except TimeoutError:
            return batch, True
        if first is None:
            return batch, False
        batch.append(first)
        if self._queue.qsize() < self._most:
            await asyncio.sleep(self._linger_s)
        while len(batch) < self._most and not self._queue.empty():
            entry = self._queue.get_nowait()
            if entry is None:
                return batch, False
            batch.append(entry)
        return batch, True

    async def _take(self, batch: list[_Entry], *, last: bool) -> None:
        if not batch:
            return
        outcome = await self._insist(batch)
        for answer in outcome.answers:
            self._publish(answer)
        now = asyncio.get_running_loop().time()
        for entry, key in zip(batch, outcome.keys, strict=True):
            early = key == UNANNOUNCED and entry.until > now and not last
            if early and len(self._early) < _MOST_EARLY:
                self._early.append(entry)
            elif not entry.done.done():
                entry.done.set_result(key)

    async def _insist(self, batch: list[_Entry]) -> Outcome:
        arrivals = [entry.arrival for entry in batch]
        tries = 0
        while True:
            try:
                outcome = await self._ingest.take(arrivals)
            except Transient as error:
                self._weather(error.key)
                await asyncio.sleep(_AGAIN_S[min(tries, len(_AGAIN_S) - 1)])
                tries += 1
            else:
                if tries:
                    self._weather(None)
                return outcome

    def _abandon(self) -> None:
        """Nobody will answer what is left."""
        left = [*self._batch, *self._early]
        while not self._queue.empty():
            entry = self._queue.get_nowait()
            if entry is not None:
                left.append(entry)
        for entry in left:
            entry.done.cancel()
