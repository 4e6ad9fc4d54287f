"""How much optional work to leave out: what is least missed goes first, and comes back last."""

import os
import threading
from collections import deque
from dataclasses import dataclass

from gateway.flow.clock import Clock
from gateway.seams import StateReport
from gateway.types import Level, State

PART = "load"
MOST = 3

_WINDOW_S = 5.0
_WORSE_S = 3.0
_BETTER_S = 15.0
_CALM = 0.5

_LEVELS = (
    ("full", "everything runs"),
    ("less_fps", "models look at fewer frames"),
    ("no_second_looks", "fewer frames, and second looks are left out"),
    ("essential", "only what somebody waits for runs"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What counts as fully loaded: a mean wait for the accelerator, a share of requests that it could not serve in
    time, a share of all cores that is busy standing in for it."""

    wait_s: float = 0.05
    missed: float = 0.1
    standing_in: float = 0.4


@dataclass(frozen=True, slots=True)
class _Note:
    at_s: float
    waited_s: float = 0.0
    missed: bool = False
    stood_in_s: float = 0.0


class Shedder:
    """Told of every request, answers with a level from 0 (nothing is left out) to 3 (all that may be).

    The load is the worst of three ratios to `Limits` over the last 5 s. Above 1 for 3 s it leaves out one thing
    more, and again after 3 s; below a half for 15 s it takes one back: work that returns must not bring the load
    back with it at once. A home that never had an accelerator is not judged: nobody stands in there.
    Thread-safe; `tick` is called every second or two.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        report: StateReport,
        limits: Limits | None = None,
        cores: int | None = None,
    ) -> None:
        self._clock = clock
        self._report = report
        self._limits = limits or Limits()
        self._cores = cores or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._notes: deque[_Note] = deque()
        self._level = 0
        self._turned_s = self._now_s()
        self._loaded: bool | None = None
        self._shown: int | None = None

    def level(self) -> int:
        """`seams.Shedding`."""
        return self._level

    def served(self, waited_s: float) -> None:
        """The accelerator answered, after so long in its queue."""
        self._note(_Note(self._now_s(), waited_s=waited_s))

    def missed(self) -> None:
        """The queue could not make a deadline."""
        self._note(_Note(self._now_s(), missed=True))

    def stood_in(self, took_s: float) -> None:
        """The CPU twin answered in place of the accelerator, in so long."""
        self._note(_Note(self._now_s(), stood_in_s=took_s))

    def tick(self) -> None:
        """Judge; reports the first level and every change."""
        with self._lock:
            now_s = self._now_s()
            load = self._load(now_s)
            self._judge(load, now_s)
            changed, self._shown = self._level != self._shown, self._level
        if changed:
            self._tell(self._level, load)

    def _tell(self, level: int, load: float) -> None:
        key, detail = _LEVELS[level]
        shown = Level.DEGRADED if level else Level.OK
        now = self._clock.now()
        self._report(State(part=PART, level=shown, key=key, detail=f"{detail}; load {load:.2f}", since=now))

    def _note(self, note: _Note) -> None:
        with self._lock:
            self._notes.append(note)
            self._forget(note.at_s)

    def _forget(self, now_s: float) -> None:
        while self._notes and now_s - self._notes[0].at_s > _WINDOW_S:
            self._notes.popleft()

    def _load(self, now_s: float) -> float:
        """1.0 is fully loaded."""
        self._forget(now_s)
        asked = [note for note in self._notes if not note.stood_in_s]
        if not self._notes:
            return 0.0
        waited_s = sum(note.waited_s for note in asked) / max(1, len(asked))
        missed = sum(note.missed for note in asked) / max(1, len(asked))
        standing_in = sum(note.stood_in_s for note in self._notes) / _WINDOW_S / self._cores
        limits = self._limits
        return max(waited_s / limits.wait_s, missed / limits.missed, standing_in / limits.standing_in)

    def _judge(self, load: float, now_s: float) -> None:
        loaded = True if load > 1 else False if load < _CALM else None
        if loaded is not self._loaded:
            self._loaded, self._turned_s = loaded, now_s
            return
        steady_s = now_s - self._turned_s
        if loaded and steady_s >= _WORSE_S and self._level < MOST:
            self._level, self._turned_s = self._level + 1, now_s
        elif loaded is False and steady_s >= _BETTER_S and self._level > 0:
            self._level, self._turned_s = self._level - 1, now_s

    def _now_s(self) -> float:
        return self._clock.now().mono_ns / 1e9
