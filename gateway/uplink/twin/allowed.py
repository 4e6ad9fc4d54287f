"""What a hub may set. Whoever runs it must not be able to open a home, look into it or lock its people out."""

from collections.abc import Mapping
from typing import Any

from gateway.wire.merge import Path, leaves

ALLOWED: tuple[Path, ...] = (
    ("climate",),
    ("faces",),
    ("logging",),
    ("models", "accelerator"),
    ("mqtt", "discovery"),
    ("retention", "events_days"),
    ("retention", "media_days"),
    ("retention", "media_mb"),
)
"""Sections and values. Not among them, for example: cameras and their addresses, credentials, rules, whose models are
trusted, how long strangers' pictures are kept, what leaves the home."""


def forbidden(patch: Mapping[str, Any]) -> list[str]:
    """Dotted paths of `patch` that a hub may not set."""
    paths = (path for path, _value in leaves(patch))
    return [".".join(path) for path in paths if not any(path[: len(known)] == known for known in ALLOWED)]
