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


_FIXED: tuple[Path, ...] = (
    ("gateway", "id"),
    ("gateway", "data_dir"),
    ("gateway", "key_file"),
    ("gateway", "secrets_dir"),
    ("version",),
)
"""Where everything lies, this decision too: only the file says so."""


def is_fixed(path: Path) -> bool:
    """Whether not even people of the home may change it over the page; a section that holds such a value counts too."""
    return any(path == known[: len(path)] for known in _FIXED)


def forbidden(patch: Mapping[str, Any]) -> list[str]:
    """Dotted paths of `patch` that a hub may not set."""
    paths = (path for path, _value in leaves(patch))
    return [".".join(path) for path in paths if not any(path[: len(known)] == known for known in ALLOWED)]
