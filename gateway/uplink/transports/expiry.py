"""How long a broker may keep a summary for whoever is to fetch it."""

import json
from datetime import UTC, datetime

from gateway.seams import Parcel

LEAST_S = 3600
"""A clock that was wrong must not make a broker throw away what has just been sent."""


def expiry_s(parcel: Parcel, *, max_age_days: float, now: datetime, most_s: int) -> int:
    """What is left of the stream's longest age, in s; all of it where no clock could be believed."""
    whole_s = max_age_days * 86_400
    made = _time(parcel.body)
    left_s = whole_s if made is None else min(whole_s, whole_s - (now - made).total_seconds())
    return int(min(most_s, max(LEAST_S, left_s)))


def _time(body: bytes) -> datetime | None:
    """Of an envelope of our own; None where it has none."""
    text = json.loads(body).get("time")
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
