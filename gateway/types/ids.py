"""Time-ordered identifiers (layout of RFC 9562 UUIDv7, rendered as 32 hex digits)."""

import secrets
import threading
import time

_lock = threading.Lock()
_last = 0


def new_id(now_ms: int | None = None) -> str:
    """A fresh id; ids made later in this process sort later, also within one millisecond."""
    global _last
    stamp = (time.time_ns() // 1_000_000 if now_ms is None else now_ms) << 12
    with _lock:
        _last = max(stamp, _last + 1)
        ordered = _last
    high = (ordered >> 12) << 16 | 0x7000 | (ordered & 0xFFF)
    low = 0b10 << 62 | secrets.randbits(62)
    return f"{high << 64 | low:032x}"
