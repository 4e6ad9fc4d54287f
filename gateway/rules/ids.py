"""Command ids that are the same every time the same thing is decided: replay gives the same commands, and a
repeated decision is recognised by its idempotency key."""

import hashlib

from gateway.types import Stamp


def command_id(now: Stamp, *parts: str) -> str:
    """Time-ordered like `gateway.types.new_id` (RFC 9562 UUIDv8 layout), the rest from the SHA-256 of `parts`."""
    digest = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:10], "big")
    stamp_ms = int(now.wall.timestamp() * 1000) & ((1 << 48) - 1)
    high = stamp_ms << 16 | 0x8000 | (digest >> 68)
    low = 0b10 << 62 | (digest & ((1 << 62) - 1))
    return f"{high << 64 | low:032x}"
