"""Messages of gateways, many at a time, to rows, verdicts and what is to be answered. Knows no transport."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime

from gateway.errors import Invalid
from gateway.wire import envelope, uplink
from gateway.wire.uplink import Hello, Notice, UplinkTopics
from services.hub.ingest.batch import Batch, Greeting, Outcome
from services.hub.ingest.topics import HELLO, STREAM, split
from services.hub.ingest.unread import told_id, too_new
from services.hub.ingest.words import REVOKED, Answer, Arrival
from services.hub.store.contract import Store
from services.hub.store.receipts import receipts
from services.hub.store.words import NOBODY, Delivery, Taken

_WIRE_UNKNOWN = "wire_unknown"

Handler = Callable[[str, bytes], Awaitable[Sequence[Answer]]]
"""Called with a gateway and its payload. Raises `Invalid` for a bad one, `Transient` where it is to come again."""


class Ingest:
    """`handlers`, by the topic's end (`topics.REPORTED`, `topics.PROGRESS`), take what is neither summary nor hello."""

    def __init__(
        self, store: Store, *, now: Callable[[], datetime], handlers: Mapping[str, Handler] | None = None
    ) -> None:
        self._store = store
        self._now = now
        self._handlers = handlers or {}

    async def take(self, arrivals: Sequence[Arrival]) -> Outcome:
        """One commit for all summaries among them. Raises `Transient` where it is to be called again with the same.

        What the store can make nothing of is found, and refused alone: nobody else's messages wait for it."""
        try:
            return await self._together(arrivals)
        except Invalid as error:
            if len(arrivals) == 1:
                return await self._refuse(arrivals[0], error.key)
            middle = len(arrivals) // 2
            return await self.take(arrivals[:middle]) + await self.take(arrivals[middle:])

    async def _together(self, arrivals: Sequence[Arrival]) -> Outcome:
        """Hellos come first, so that what arrives with its hello is known: those of one gateway in their order, those
        of many in one commit, for all come together when a broker has been away."""
        batch = Batch([None] * len(arrivals))
        for place, arrival in enumerate(arrivals):
            self._sort(place, arrival, batch)
        while batch.hellos:
            await self._welcome(batch)
        said = [self._listen(gateway, talk, batch) for gateway, talk in batch.talk.items()]
        for failure in await asyncio.gather(*said, return_exceptions=True):
            if failure is not None:
                raise failure
        await self._deliver(batch)
        if batch.counts:
            await self._store.refuse(batch.counts, self._now())
        return Outcome(keys=tuple(batch.keys), answers=tuple(batch.answers))

    async def _refuse(self, arrival: Arrival, key: str) -> Outcome:
        """For good: its gateway is to let go of it."""
        gateway, tail = split(arrival.topic)
        await self._store.refuse({(gateway, key): 1}, self._now())
        told = told_id(arrival.payload) if tail.startswith(STREAM) else None
        refused = {} if told is None else {told: key}
        return Outcome(keys=(key,), answers=tuple(_receipts(Taken(refused=refused))))

    def _sort(self, place: int, arrival: Arrival, batch: Batch) -> None:
        gateway = arrival.gateway or NOBODY
        try:
            named, tail = split(arrival.topic)
            if arrival.gateway not in {None, named}:
                raise Invalid("topic_foreign")
            gateway = named
            if tail.startswith(STREAM):
                batch.deliveries[place] = self._delivery(gateway, tail, arrival.payload, batch)
            elif tail == HELLO:
                self._greet(place, gateway, arrival, batch)
            else:
                batch.talk[gateway].append((place, tail, arrival))
        except Invalid as error:
            batch.refuse(place, gateway, error.key)

    async def _listen(self, gateway: str, talk: Sequence[tuple[int, str, Arrival]], batch: Batch) -> None:
        for place, tail, arrival in talk:
            try:
                batch.answers += await self._handle(gateway, tail, arrival.payload)
            except Invalid as error:
                batch.refuse(place, gateway, error.key)

    async def _handle(self, gateway: str, tail: str, payload: bytes) -> Sequence[Answer]:
        handler = self._handlers.get(tail)
        if handler is None:
            raise Invalid("topic_unknown")
        return await handler(gateway, payload)

    def _greet(self, place: int, gateway: str, arrival: Arrival, batch: Batch) -> None:
        if not arrival.payload:  # how a retained one is taken back
            return
        if too_new(arrival.payload):
            batch.answers.append(_notice(gateway, _WIRE_UNKNOWN))
            raise Invalid(_WIRE_UNKNOWN)
        hello: Hello = uplink.load(Hello, arrival.payload)
        batch.hellos[gateway].append(Greeting(place=place, hello=hello, retained=arrival.retained))

    async def _welcome(self, batch: Batch) -> None:
        """The first that waits of each gateway."""
        first = {gateway: waiting.pop(0) for gateway, waiting in batch.hellos.items()}
        for gateway in [gateway for gateway, waiting in batch.hellos.items() if not waiting]:
            del batch.hellos[gateway]
        said = {gateway: one.hello for gateway, one in first.items()}
        retained = {gateway for gateway, one in first.items() if one.retained}
        for gateway, verdict in (await self._store.hellos(said, self._now(), retained=retained)).items():
            if verdict.key is not None:
                batch.keys[first[gateway].place] = verdict.key  # the store has counted it
                batch.answers.append(_notice(gateway, verdict.key))

    def _delivery(self, gateway: str, tail: str, payload: bytes, batch: Batch) -> Delivery:
        try:
            parcel = envelope.load(payload)
        except Invalid as error:
            told = told_id(payload)
            if told is not None and told.gateway == gateway:
                batch.unread[told] = error.key
            raise
        if parcel.id.gateway != gateway:
            raise Invalid("other_home")
        if tail != STREAM + parcel.id.stream:
            raise Invalid("stream_wrong")
        return Delivery(gateway=gateway, envelope=parcel)

    async def _deliver(self, batch: Batch) -> None:
        taken = Taken()
        if batch.deliveries:
            taken = await self._store.take(tuple(batch.deliveries.values()), self._now())
        keys = {**taken.refused, **taken.unsettled}
        for place, delivery in batch.deliveries.items():
            batch.keys[place] = keys.get(delivery.envelope.id)
        unread = {parcel: key for parcel, key in batch.unread.items() if parcel not in taken.kept}
        batch.answers += _receipts(Taken(kept=taken.kept, refused={**taken.refused, **unread}))
        gone = {parcel.gateway for parcel, key in taken.unsettled.items() if key == REVOKED}
        batch.answers += [_notice(gateway, REVOKED) for gateway in sorted(gone)]


def _receipts(taken: Taken) -> Iterator[Answer]:
    for gateway, some in receipts(taken).items():
        topic = UplinkTopics(gateway=gateway).receipt
        yield from (Answer(topic=topic, payload=uplink.dump(receipt)) for receipt in some)


def _notice(gateway: str, key: str) -> Answer:
    return Answer(topic=UplinkTopics(gateway=gateway).notice, payload=uplink.dump(Notice(key=key)))
