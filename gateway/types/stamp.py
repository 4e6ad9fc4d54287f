"""When something happened: one stamp for people, order and restarts."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"


BOOT_ID = _boot_id()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """`wall` (aware, UTC) is for people; `mono_ns` orders and measures within one `boot`."""

    wall: datetime
    mono_ns: int
    boot: str = BOOT_ID

    @classmethod
    def now(cls) -> "Stamp":
        return cls(wall=datetime.now(UTC), mono_ns=time.monotonic_ns())

    def seconds_since(self, earlier: "Stamp") -> float:
        """Elapsed seconds; meaningful only within one boot."""
        return (self.mono_ns - earlier.mono_ns) / 1e9
