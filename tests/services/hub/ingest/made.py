"""Messages of gateways, good and bad, and a store to take them in."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.wire.envelope import Envelope, ParcelId
from gateway.wire.envelope import dump as dump_envelope
from gateway.wire.summary import Presence, Stream
from gateway.wire.uplink import Hello, Receipt, UplinkTopics, dump, load
from services.hub.ingest.ingest import Ingest
from services.hub.ingest.words import Answer, Arrival
from services.hub.store.hub import HubStore, database_at
from services.hub.store.words import Enrolment

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = int(NOW.timestamp()) - 3600
EPOCH = 5


@asynccontextmanager
async def store_with(tmp_path: Path, *gateways: str) -> AsyncGenerator[HubStore]:
    async with HubStore(database_at(tmp_path / "hub.db")) as store:
        for gateway in gateways:
            await store.enrol(Enrolment(gateway=gateway, token_sha256=gateway.encode().hex().ljust(64, "0")), NOW)
        yield store


def ingest_of(store: HubStore) -> Ingest:
    return Ingest(store, now=lambda: NOW)


def summary(seq: int, gateway: str = "home1", *, epoch: int = EPOCH) -> bytes:
    parcel = ParcelId(gateway=gateway, stream=Stream.PRESENCE, epoch=epoch, seq=seq)
    return dump_envelope(Envelope(id=parcel, time=NOW, data=Presence(hour=HOUR, room="hall", minutes=2.0)))


def changed(raw: bytes, **fields: object) -> bytes:
    return json.dumps({**json.loads(raw), **fields}).encode()


def sent(payload: bytes, gateway: str = "home1", *, proven: str | None = None, tail: str = "s/presence") -> Arrival:
    return Arrival(topic=f"gw/v1/{gateway}/{tail}", payload=payload, gateway=gateway if proven is None else proven)


def hello(gateway: str = "home1", *, instance: str = "ab", epoch: int = EPOCH, online: bool = True) -> Arrival:
    words = Hello(online=online, instance=instance * 16, epoch=epoch, version="1.0.0")
    return Arrival(topic=UplinkTopics(gateway=gateway).hello, payload=dump(words), gateway=gateway)


def kept(answers: tuple[Answer, ...], gateway: str = "home1") -> list[tuple[int, int]]:
    return [(run.first, run.last) for receipt in receipts(answers, gateway) for run in receipt.kept]


def refused(answers: tuple[Answer, ...], gateway: str = "home1") -> dict[int, str]:
    return {one.seq: one.key for receipt in receipts(answers, gateway) for one in receipt.refused}


def receipts(answers: tuple[Answer, ...], gateway: str) -> list[Receipt]:
    topic = UplinkTopics(gateway=gateway).receipt
    return [load(Receipt, answer.payload) for answer in answers if answer.topic == topic]


async def seqs(store: HubStore, gateway: str = "home1") -> list[int]:
    day = timedelta(days=1)
    rows = await store.rows(gateway, Stream.PRESENCE, since=NOW - day, until=NOW + day)
    return [row.id.seq for row in rows]


async def counted(store: HubStore) -> dict[tuple[str, str], int]:
    found = await store.refusals(since=NOW - timedelta(hours=1), until=NOW + timedelta(hours=1))
    return {(one.gateway, one.key): one.count for one in found}
