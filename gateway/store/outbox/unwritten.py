"""What the disk would not have, not even as a count: kept in mind until it will."""

from collections.abc import Iterable

from gateway.store.outbox.drops import Drop
from gateway.store.outbox.shelf import Removed
from gateway.wire.envelope import Envelope, dump
from gateway.wire.summary import DropReason, Stream


class Unwritten:
    """Rows and bytes by stream and hour. Lost if the power goes before the disk has room again."""

    def __init__(self) -> None:
        self._gone: dict[tuple[Stream, int], Removed] = {}

    def add(self, envelope: Envelope, hour: int) -> None:
        self._add(envelope.id.stream, hour, Removed(rows=1, bytes=len(dump(envelope))))

    def _add(self, stream: Stream, hour: int, gone: Removed) -> None:
        known = self._gone.get((stream, hour), Removed())
        self._gone[stream, hour] = Removed(rows=known.rows + gone.rows, bytes=known.bytes + gone.bytes)

    def take(self) -> list[Drop]:
        """All of it: whoever takes it writes it or gives it back, so that nothing is counted twice."""
        taken = [
            Drop(stream=stream, reason=DropReason.DISK, hour=hour, gone=gone)
            for (stream, hour), gone in self._gone.items()
        ]
        self._gone.clear()
        return taken

    def give_back(self, taken: Iterable[Drop]) -> None:
        for drop in taken:
            self._add(drop.stream, drop.hour, drop.gone)
