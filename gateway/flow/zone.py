"""Where we are, as far as clocks go."""

import os
from datetime import UTC, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LOCALTIME = Path("/etc/localtime")


def local_zone(localtime: Path = _LOCALTIME) -> tzinfo:
    """The system's time zone with its rules for summer time: `TZ`, else /etc/localtime, else UTC."""
    try:
        named = os.environ.get("TZ", "").lstrip(":")
        if named:
            return ZoneInfo(named)
        with localtime.open("rb") as file:
            return ZoneInfo.from_file(file, key="localtime")
    except (OSError, ValueError, ZoneInfoNotFoundError):
        return UTC
