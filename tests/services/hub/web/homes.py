"""Homes that sent something, for the pages."""

from collections.abc import Sequence
from datetime import datetime

from gateway.types.climate import Alarm
from gateway.wire.envelope import Envelope, ParcelId
from gateway.wire.summary import (
    HOUR_S,
    STREAM_OF,
    Comfort,
    Dropped,
    DropReason,
    Energy,
    GatewayHealth,
    HeaterFault,
    ModelHealth,
    Presence,
    Stream,
    Summary,
)
from gateway.wire.uplink import Hello
from services.hub.store.contract import Store
from services.hub.store.words import Delivery, Enrolment

EPOCH = 7


def hour_before(at: datetime, hours: int = 1) -> int:
    """When the hour began that ended `hours` - 1 full hours ago."""
    return int(at.timestamp()) // HOUR_S * HOUR_S - hours * HOUR_S


def health(hour: int, *, disk_free_mb: float = 9000.0, cpu_share: float = 0.4) -> GatewayHealth:
    return GatewayHealth(
        hour=hour,
        version="1.2.0",
        uptime_s=86400.0,
        cpu_share=cpu_share,
        rss_mb=180.0,
        disk_free_mb=disk_free_mb,
        temp_c=52.0,
        parts_degraded=0,
        parts_down=0,
    )


def fault(hour: int, seconds: float, *, room: str = "hall") -> HeaterFault:
    return HeaterFault(hour=hour, room=room, fault=next(iter(Alarm)), seconds=seconds)


def dropped(hour: int, count: int) -> Dropped:
    return Dropped(hour=hour, stream=Stream.EVENTS, reason=DropReason.FULL, count=count, bytes=200 * count)


async def settle(store: Store, gateway: str, at: datetime, labels: dict[str, str] | None = None) -> None:
    """Enrolled, and said hello."""
    await store.enrol(Enrolment(gateway=gateway, token_sha256="0" * 64, labels=labels or {}), at)
    hello = Hello(online=True, instance="ab" * 16, epoch=EPOCH, version="1.2.0")
    assert (await store.hello(gateway, hello, at)).accepted


async def send(store: Store, gateway: str, summaries: Sequence[Summary], at: datetime, *, first: int = 1) -> None:
    """Numbered from `first` in each stream alike."""
    deliveries = [
        Delivery(
            gateway=gateway,
            envelope=Envelope(
                id=ParcelId(gateway=gateway, stream=STREAM_OF[data.kind], epoch=EPOCH, seq=seq), time=at, data=data
            ),
        )
        for seq, data in enumerate(summaries, first)
    ]
    assert len((await store.take(deliveries, at)).kept) == len(deliveries)


def day_of_a_home(at: datetime) -> list[Summary]:
    """The last 24 hours of a house that is mostly well."""
    found: list[Summary] = []
    for back in range(1, 25):
        hour = hour_before(at, back)
        found += [
            health(hour, cpu_share=0.2 + back % 5 * 0.1),
            Comfort(hour=hour, room="living_room", kh_below=0.4 if back % 7 == 0 else 0.02, kh_above=0.0, mean_c=20.8),
            Comfort(hour=hour, room="bedroom", kh_below=0.0, kh_above=0.1 * (back % 3), mean_c=18.4),
            Energy(hour=hour, thing="boiler", kwh=0.2 + 0.15 * (back % 6), metered=True),
            Presence(hour=hour, room="living_room", minutes=float(back * 37 % 60)),
            ModelHealth(hour=hour, model="motion_net", serial=4, inferences=3000, failures=0, p95_ms=4.2),
        ]
    return found
