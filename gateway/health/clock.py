"""Does the clock tell the truth? Rules with times, ages of recordings and certificates depend on it."""

import ctypes
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from gateway.health.finding import Finding, fail, ok, warn

WORRY = "clock"
EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)

_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_TIMEX_BYTES = 512  # struct timex is 208 bytes on 64 bit


def synchronised() -> bool | None:
    """What the kernel says; None where it does not."""
    try:
        answer = int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    except (OSError, AttributeError):
        return None
    return None if answer < 0 else answer != _TIME_ERROR


def believed(now: datetime, in_step: Callable[[], bool | None] = synchronised) -> datetime | None:
    """`now` where something keeps the clock right, else None: then nothing may be refused for being out of date, since
    a clock that runs ahead would otherwise shut a home out."""
    return now if now >= EARLIEST and in_step() else None


def plausible(
    now: datetime, in_step: Callable[[], bool | None] = synchronised, root: Path = Path("/")
) -> datetime | None:
    """`now` where people may plan their day by it, else None: on a board that forgets the time whenever it is switched
    off, only what the network confirmed; elsewhere any time that can be."""
    forgets = (root / "proc/device-tree").exists() and not (root / "dev/rtc0").exists()
    return now if now >= EARLIEST and not (forgets and in_step() is False) else None


def check_clock(now: datetime, in_step: Callable[[], bool | None] = synchronised) -> list[Finding]:
    """`now` is aware UTC."""
    hint = "timedatectl set-ntp true; a board without a clock battery needs the network once after each start"
    if now < EARLIEST:
        return [fail(WORRY, "clock_unset", f"it says {now:%Y-%m-%d}, which cannot be", hint)]
    if in_step() is False:
        return [
            warn(WORRY, "clock_not_synchronised", f"it says {now:%Y-%m-%d %H:%M} UTC, but nothing keeps it right", hint)
        ]
    return [ok(WORRY, f"{now:%Y-%m-%d %H:%M} UTC")]
