"""What the tests of the outbox put in it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from gateway.config.uplink import StreamPolicy
from gateway.flow.board import Board, Counters
from gateway.flow.clock import Clock
from gateway.seams import Parcel
from gateway.store.outbox.outbox import Outbox
from gateway.testing.clock import FakeClock
from gateway.types import Level
from gateway.wire.envelope import load
from gateway.wire.summary import DeviceHealth, Energy, Presence, Stream, Summary

GATEWAY = "home"
HOUR = 1_767_268_800
"""When a `FakeClock` begins, POSIX s."""
BODY_BYTES = 330
"""More than the body of any of these."""


def presence(number: int) -> Presence:
    return Presence(hour=HOUR, room=f"r{number}", minutes=number % 60)


def energy(number: int) -> Energy:
    return Energy(hour=HOUR, thing=f"t{number}", kwh=number, metered=True)


def device(number: int) -> DeviceHealth:
    return DeviceHealth(hour=HOUR, device=f"d{number}", readings=number, level=Level.OK)


def said(parcels: tuple[Parcel, ...]) -> list[Summary]:
    return [load(parcel.body).data for parcel in parcels]


def policy(**given: StreamPolicy) -> Callable[[Stream], StreamPolicy]:
    """By the name of the stream; the others as they are by default."""
    return lambda stream: given.get(stream.value, StreamPolicy())


def always(wall: datetime) -> datetime | None:
    return wall


def never(_wall: datetime) -> datetime | None:
    return None


def outbox(
    path: Path,
    policy: Callable[[Stream], StreamPolicy] = policy(),  # noqa: B008 - it is a constant
    *,
    clock: Clock | None = None,
    believed: Callable[[datetime], datetime | None] = always,
    plausible: Callable[[datetime], datetime | None] | None = None,
    board: Board | None = None,
    counters: Counters | None = None,
    gateway: str = GATEWAY,
) -> Outbox:
    return Outbox(
        path / "outbox.db",
        gateway,
        policy,
        clock=clock or FakeClock(),
        believed=believed,
        plausible=plausible,
        report=(board or Board()).report,
        counters=counters or Counters(),
    )


def wall(clock: Clock) -> datetime:
    return clock.now().wall
