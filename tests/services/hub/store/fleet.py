"""Gateways and summaries for the tests of the store."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from gateway.types import Kind, Level
from gateway.wire.envelope import Envelope, ParcelId
from gateway.wire.summary import STREAM_OF, DeviceHealth, Energy, EventCount, Stream, Summary
from gateway.wire.uplink import WIRE, Hello
from services.hub.store.contract import Store
from services.hub.store.words import Delivery, Enrolment

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = int(NOON.timestamp())
EPOCH = 1_770_000_000_000 * 1024 + 7
INSTANCE = "a" * 32
OTHER_INSTANCE = "b" * 32


def energy(kwh: float = 0.25, *, hour: int = HOUR, thing: str = "boiler") -> Energy:
    return Energy(hour=hour, thing=thing, kwh=kwh, metered=True)


def device(readings: int, *, hour: int = HOUR) -> DeviceHealth:
    return DeviceHealth(hour=hour, device="probe", readings=readings, level=Level.OK)


def events(count: int, *, hour: int = HOUR) -> EventCount:
    return EventCount(hour=hour, of=Kind.MOTION_BEGAN, count=count)


def delivery(
    seq: int, data: Summary | None = None, *, gateway: str = "home-a", epoch: int = EPOCH, sender: str | None = None
) -> Delivery:
    """`sender` is who brings it, where it is not its own gateway."""
    data = data or energy()
    parcel = ParcelId(gateway=gateway, stream=STREAM_OF[data.kind], epoch=epoch, seq=seq)
    return Delivery(gateway=sender or gateway, envelope=Envelope(id=parcel, time=NOON, data=data))


def parcel(seq: int, *, gateway: str = "home-a", stream: Stream = Stream.ENERGY, epoch: int = EPOCH) -> ParcelId:
    return ParcelId(gateway=gateway, stream=stream, epoch=epoch, seq=seq)


def parcels(seqs: Iterable[int], *, gateway: str = "home-a") -> frozenset[ParcelId]:
    return frozenset(parcel(seq, gateway=gateway) for seq in seqs)


def greeting(
    *, online: bool = True, instance: str = INSTANCE, epoch: int = EPOCH, wire: int = WIRE, version: str = "0.5.0"
) -> Hello:
    return Hello(online=online, instance=instance, epoch=epoch, version=version, wire=wire)


async def settle(store: Store, *gateways: str, at: datetime = NOON) -> None:
    """Enrolled, and said hello."""
    for gateway in gateways:
        await store.enrol(Enrolment(gateway=gateway, token_sha256="0" * 64), at)
        verdict = await store.hello(gateway, greeting(), at)
        assert verdict.accepted


async def kept_seqs(store: Store, gateway: str = "home-a", stream: Stream = Stream.ENERGY) -> list[int]:
    """Of every row that is there, in the order of the pages."""
    ever = timedelta(days=30000)
    found = await store.rows(gateway, stream, since=NOON - ever + timedelta(days=10000), until=NOON + ever, limit=10**6)
    return [row.id.seq for row in found]
