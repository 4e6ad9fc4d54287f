"""What is given out, and what is taken off once somebody said what became of it; within one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.errors import Invalid
from gateway.seams import Parcel
from gateway.store.outbox import drops
from gateway.store.outbox.desk import Desk
from gateway.store.outbox.shelf import ROW_BYTES, Row, Shelf, runs
from gateway.wire.envelope import ParcelId, dump, load
from gateway.wire.summary import HOUR_S, Dropped, DropReason, Stream

_ROOM = 512 + ROW_BYTES
"""What a told drop takes at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Of one stream. `bytes` are those that will leave; `oldest_s` is how long ago the oldest came in, None where none
    waits, or where neither this boot nor a believed clock can tell."""

    rows: int = 0
    bytes: int = 0
    oldest_s: float | None = None


def give(desk: Desk, streams: Iterable[Stream], limit: int, most_bytes: int) -> tuple[Parcel, ...]:
    """Stream by stream, oldest first; at least one where one waits."""
    given: list[Parcel] = []
    room = most_bytes
    for stream in streams:
        if len(given) == limit:
            break
        for parcel in _sound(desk, desk.shelf(stream), limit - len(given)):
            room -= len(parcel.body)
            if given and room < 0:
                return tuple(given)
            given.append(parcel)
    return tuple(given)


def _sound(desk: Desk, shelf: Shelf, limit: int) -> list[Parcel]:
    """The oldest rows; what is not what was written is dropped."""
    rows = shelf.read(limit)
    if not rows:
        desk.drop(shelf.stream, DropReason.CORRUPT, shelf.forget())
    found = []
    for row in rows:
        parcel = _parcel(desk, shelf.stream, row)
        if parcel is None:
            desk.drop(shelf.stream, DropReason.CORRUPT, shelf.remove(row.seq, row.seq))
        else:
            found.append(parcel)
    return found


def peek(desk: Desk, stream: Stream, after: int, limit: int) -> tuple[Parcel, ...]:
    """Oldest first, without those that cannot be read."""
    found = (_parcel(desk, stream, row) for row in desk.shelf(stream).read(limit, after))
    return tuple(parcel for parcel in found if parcel is not None)


def _parcel(desk: Desk, stream: Stream, row: Row) -> Parcel | None:
    """None where the row is not what was written. What a gateway put under a former name leaves under its new one."""
    one = ParcelId(gateway=desk.gateway, stream=stream, epoch=desk.epoch, seq=row.seq)
    if row.body is None or f'"id":"{one}"'.encode() in row.body:
        return None if row.body is None else Parcel(id=one, body=row.body)
    try:
        return Parcel(id=one, body=dump(replace(load(row.body), id=one)))
    except Invalid:
        return None


def settle(desk: Desk, kept: Iterable[ParcelId], refused: Iterable[ParcelId]) -> None:
    """Ids of other gateways and of other epochs are nobody's here."""
    for stream, first, last in _ours(desk, kept):
        desk.shelf(stream).remove(first, last)
    for stream, first, last in _ours(desk, refused):
        desk.drop(stream, DropReason.REFUSED, desk.shelf(stream).remove(first, last))


def _ours(desk: Desk, ids: Iterable[ParcelId]) -> list[tuple[Stream, int, int]]:
    numbers: dict[Stream, set[int]] = {}
    for one in ids:
        if one.gateway == desk.gateway and one.epoch == desk.epoch:
            numbers.setdefault(one.stream, set()).add(one.seq)
    return [(stream, first, last) for stream, found in numbers.items() for first, last in runs(found)]


def tell(desk: Desk, wall: datetime) -> tuple[Dropped, ...]:
    """Counted drops become summaries, as far as there is room for them without dropping others. Those that no believed
    clock gave an hour are of the hour of `wall`; when they were made is told by a believed clock alone."""
    told, hour = [], int(wall.timestamp()) // HOUR_S * HOUR_S
    time = None if desk.now.wall_s is None else wall
    policy = desk.policies[Stream.DROPS]
    for drop in drops.untold(desk.connection) if policy.enabled else ():
        if desk.shelf(Stream.DROPS).cost + _ROOM > policy.max_bytes:
            break
        summary = drops.summary(drop, hour)
        desk.take(summary, time)
        drops.told(desk.connection, drop)
        told.append(summary)
    drops.fold(desk.connection)
    return tuple(told)


def waiting(desk: Desk, stream: Stream) -> Waiting:
    shelf = desk.shelf(stream)
    return Waiting(rows=shelf.rows, bytes=shelf.bytes, oldest_s=desk.age_s(shelf.oldest()))
