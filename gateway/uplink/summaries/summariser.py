"""Hour by hour: what comes in is added up, and when the hour is over it is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.seams import Stimulus
from gateway.types import Event, Level, new_id
from gateway.types.climate import RoomStatus
from gateway.uplink.privacy.counts import PrivateCounts
from gateway.uplink.summaries.closing import closed
from gateway.uplink.summaries.feeds import Readings, Rooms, count_event
from gateway.uplink.summaries.sums import Sums
from gateway.uplink.summaries.vitals import Look, Vitals
from gateway.wire.summary import HOUR_S, Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The summaries of one hour, or of a part of it. `once` names this account of it, also over a restart: what was put
    under this name must not be put again."""

    hour: int
    once: str
    summaries: tuple[Summary, ...]


class Summariser:
    """Not thread-safe: everything is called on the loop.

    An hour is a clock hour in UTC; it is told in parts of `every_s`, which add up. What happens while no clock can be
    believed belongs to no hour and is not told; it is counted in `unplaced_s`."""

    def __init__(
        self,
        *,
        look: Look,
        level: Callable[[str], Level],
        power_w: Mapping[str, float],
        rooms_know: frozenset[str] = frozenset(),
        private: PrivateCounts | None = None,
        every_s: int = HOUR_S,
    ) -> None:
        """`level` of a device; `power_w` of heaters without a meter, by room; `rooms_know` as of `feeds.Readings`."""
        self.unplaced_s = 0.0
        self._sums = Sums()
        self._readings = Readings(self._sums, rooms_know)
        self._rooms = Rooms(self._sums, power_w)
        self._vitals = Vitals(look)
        self._level = level
        self._private = private
        self._every_s = every_s
        self._part: int | None = None
        self._once = new_id()
        self._ticked_s: float | None = None

    def hear(self, stimulus: Stimulus) -> None:
        if isinstance(stimulus, Event):
            count_event(self._sums, stimulus)
        else:
            self._readings.hear(stimulus)

    def room(self, status: RoomStatus, mono_s: float) -> None:
        self._rooms.hear(status, mono_s)

    def tick(self, mono_s: float, wall: datetime | None) -> Closed | None:
        """Call it every few seconds. The part of an hour that has just ended, once it has. `wall` is None while no
        clock can be believed; a clock that is put right closes the part that was under way."""
        part = None if wall is None else int(wall.timestamp()) // self._every_s * self._every_s
        before, self._part = self._part, part
        if part is None:
            self._unplaced(mono_s)
            return None
        self._ticked_s = None
        if before is None or before == part:
            return None
        return self._close(before // HOUR_S * HOUR_S)

    def snapshot(self) -> dict[str, object]:
        return {"part": self._part, "once": self._once, "sums": self._sums.snapshot()}

    def restore(self, saved: Mapping[str, object]) -> None:
        """Goes on with what a restart cut. If its time has ended meanwhile, the next tick tells it."""
        part, once, sums = (saved.get(key) for key in ("part", "once", "sums"))
        if isinstance(part, int) and part % 60 == 0 and isinstance(once, str) and isinstance(sums, Mapping):
            self._part, self._once = part, once
            self._sums.restore(sums)

    def _close(self, hour: int) -> Closed:
        told: Sequence[Summary] = (*closed(self._sums, hour, self._level), *self._vitals.close(hour))
        self._sums.clear()
        if self._private is not None:
            told = self._private.blur(hour, told)
        once, self._once = self._once, new_id()
        return Closed(hour=hour, once=once, summaries=tuple(told))

    def _unplaced(self, mono_s: float) -> None:
        """Nobody knows when this was."""
        self.unplaced_s += max(mono_s - self._ticked_s, 0.0) if self._ticked_s is not None else 0.0
        self._ticked_s = mono_s
        self._sums.clear()
