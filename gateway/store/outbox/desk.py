"""One transaction's view of the outbox: what is taken in, and what is dropped for it."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.config.uplink import StreamPolicy
from gateway.store.outbox import drops
from gateway.store.outbox.life import Life
from gateway.store.outbox.shelf import ROW_BYTES, Born, Removed, Shelf
from gateway.wire.envelope import Envelope, ParcelId, dump
from gateway.wire.summary import HOUR_S, STREAM_OF, DropReason, Stream, Summary

_DAY_S = 86400
_SLACK = 64
"""Free pages of 4 KiB that the file may keep for what comes next."""
_VACUUM = 256
"""Most pages that one transaction gives back."""
_NAMES = 100

Policies = Mapping[Stream, StreamPolicy]


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """`wall_s` in POSIX s, None where no clock is believed."""

    wall_s: int | None
    mono_s: int

    @property
    def hour(self) -> int:
        """0 where no clock is believed."""
        return 0 if self.wall_s is None else self.wall_s // HOUR_S * HOUR_S


class Desk:
    """Whoever changes something calls `done` at the end: tallies are written, and room is given back. `dropped` counts
    the rows that were dropped or not taken."""

    def __init__(self, connection: sqlite3.Connection, life: Life, gateway: str, policies: Policies, now: Now) -> None:
        self.connection = connection
        self.epoch, self.boot = life.epoch, life.boot
        self.gateway = gateway
        self.policies = policies
        self.now = now
        self.dropped = 0
        self._shelves: dict[Stream, Shelf] = {}

    def shelf(self, stream: Stream) -> Shelf:
        if stream not in self._shelves:
            self._shelves[stream] = Shelf(self.connection, stream)
        return self._shelves[stream]

    def first_time(self, name: str) -> bool:
        """Whether nothing was put under this name lately; from now on something was."""
        new = self.connection.execute("INSERT INTO once (name) VALUES (?) ON CONFLICT DO NOTHING", (name,)).rowcount > 0
        if new:
            self.connection.execute("DELETE FROM once WHERE number <= last_insert_rowid() - ?", (_NAMES,))
        return new

    def take(self, summary: Summary, time: datetime | None) -> ParcelId | None:
        """Its id, or None where it is not taken; `time` as in `Envelope`."""
        shelf = self.shelf(STREAM_OF[summary.kind])
        parcel = ParcelId(gateway=self.gateway, stream=shelf.stream, epoch=self.epoch, seq=shelf.seq + 1)
        body = dump(Envelope(id=parcel, time=time, data=summary))
        if not self._make_room(shelf, len(body) + ROW_BYTES):
            self.drop(shelf.stream, DropReason.FULL, Removed(rows=1, bytes=len(body)))
            return None
        born = None if time is None else int(time.timestamp())
        shelf.append(body, Born(time=born, boot=self.boot, mono_s=self.now.mono_s))
        return parcel

    def _make_room(self, shelf: Shelf, cost: int) -> bool:
        policy = self.policies[shelf.stream]
        excess = shelf.cost + cost - policy.max_bytes
        if policy.on_full == "drop_oldest" and cost <= policy.max_bytes:
            self.drop(shelf.stream, DropReason.FULL, shelf.remove_oldest(excess))
            return True
        return excess <= 0

    def trim(self, streams: Iterable[Stream]) -> None:
        """Drop what is too old, and what is too much since the policy became smaller; a step of each."""
        for shelf in map(self.shelf, streams):
            policy = self.policies[shelf.stream]
            if self.now.wall_s is not None:
                before = self.now.wall_s - int(policy.max_age_days * _DAY_S)
                self.drop(shelf.stream, DropReason.AGE, shelf.remove_before(before))
            if policy.on_full == "drop_oldest":
                self.drop(shelf.stream, DropReason.FULL, shelf.remove_oldest(shelf.cost - policy.max_bytes))

    def drop(self, stream: Stream, reason: DropReason, gone: Removed) -> None:
        """Count it."""
        if gone.rows:
            self.dropped += gone.rows
            drops.count(self.connection, drops.Drop(stream=stream, reason=reason, hour=self.now.hour, gone=gone))

    def age_s(self, born: Born | None) -> float | None:
        """None where neither this boot nor a believed clock can tell."""
        if born is None:
            return None
        if born.boot == self.boot:
            return float(self.now.mono_s - born.mono_s)
        if born.time is None or self.now.wall_s is None:
            return None
        return float(max(0, self.now.wall_s - born.time))

    def done(self) -> None:
        for shelf in self._shelves.values():
            shelf.save()
        self._give_room_back()

    def _give_room_back(self) -> None:
        """Half of the file may be free, since pages that are given back early are copied more than once."""
        (free,) = self.connection.execute("PRAGMA freelist_count").fetchone()
        (pages,) = self.connection.execute("PRAGMA page_count").fetchone()
        for _ in range(min(_VACUUM, free - max(_SLACK, pages - free))):
            self.connection.execute("PRAGMA incremental_vacuum(1)")  # sqlite3 steps once, which is one page
