"""A month without a way out: what is made in it, what may be kept of that, and whether what is left is right."""

from collections import Counter
from collections.abc import Sequence

from gateway.config.uplink import StreamPolicy
from gateway.types import Level
from gateway.wire.summary import HOUR_S, STREAM_OF, DeviceHealth, Dropped, Energy, Presence, Stream, Summary
from tests.unit.store.outbox.words import HOUR, policy

DAYS = 30
HOURS = 24 * DAYS
ORDER = [Stream.DROPS, Stream.ENERGY, Stream.PRESENCE, Stream.DEVICES]
"""Most important first."""
POLICY = policy(
    drops=StreamPolicy(priority=0, max_bytes=200_000),
    energy=StreamPolicy(priority=1, max_bytes=100_000, durability="normal", on_full="reject_new"),
    presence=StreamPolicy(priority=2, max_bytes=200_000, durability="normal"),
    devices=StreamPolicy(priority=3, max_age_days=7, durability="normal"),
)
DISK_BYTES = 2 * (200_000 + 100_000 + 7 * 24 * 400 + 200_000)
"""The file may be twice what is kept."""


def hour(number: int) -> list[Summary]:
    began = HOUR + number * HOUR_S
    return [
        *(Presence(hour=began, room=f"room-{room}", minutes=room) for room in range(8)),
        *(Energy(hour=began, thing=f"heater-{thing}", kwh=1, metered=True) for thing in range(4)),
        DeviceHealth(hour=began, device="lamp", readings=number, level=Level.OK),
    ]


def is_what_may_be_left(left: Sequence[Summary]) -> None:
    """Of a whole month, in the order of each stream: the oldest where what came was rejected, the newest where the
    oldest was dropped, a week where a week may be kept; and what is not there is counted."""
    hours = {stream: [_number(one) for one in left if STREAM_OF[one.kind] is stream] for stream in ORDER}
    for stream in ORDER[1:]:
        assert hours[stream] == sorted(hours[stream])
    assert set(hours[Stream.ENERGY]) == set(range(hours[Stream.ENERGY][-1] + 1))
    assert hours[Stream.ENERGY][-1] < HOURS - 1
    assert set(hours[Stream.PRESENCE]) == set(range(hours[Stream.PRESENCE][0], HOURS))
    assert hours[Stream.PRESENCE][0] > 0
    assert hours[Stream.DEVICES] == list(range(HOURS - 7 * 24 - 1, HOURS))
    made = Counter(STREAM_OF[one.kind] for number in range(HOURS) for one in hour(number))
    assert {stream: made[stream] - len(hours[stream]) for stream in ORDER[1:]} == _dropped(left)


def _number(one: Summary) -> int:
    return (one.hour - HOUR) // HOUR_S


def _dropped(left: Sequence[Summary]) -> dict[Stream, int]:
    found: Counter[Stream] = Counter()
    for one in left:
        if isinstance(one, Dropped):
            found[one.stream] += one.count
    return dict(found)
