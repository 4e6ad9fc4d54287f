"""The board of named states: what every part says of itself, for the page, MQTT, doctor and metrics."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from gateway.types import State


class Board:
    """Keeps the last state per part and tells listeners of changes of level, key or detail. Thread-safe:
    cameras report from their own threads; listeners are called on the reporting thread and must not block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, State] = {}
        self._listeners: list[Callable[[State], None]] = []

    def listen(self, listener: Callable[[State], None]) -> None:
        self._listeners.append(listener)

    def report(self, state: State) -> None:
        with self._lock:
            known = self._states.get(state.part)
            if known is not None and (known.level, known.key) == (state.level, state.key):
                state = replace(state, since=known.since)
            self._states[state.part] = state
        if state != known:
            for listener in self._listeners:
                listener(state)

    def remove(self, part: str) -> None:
        with self._lock:
            self._states.pop(part, None)

    def all(self) -> Mapping[str, State]:
        with self._lock:
            return dict(self._states)


class Counters:
    """Named counts of what went through, what was dropped and why. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, n: int = 1) -> None:
        with self._lock:
            self._counts[name] += n

    def get(self, name: str) -> int:
        with self._lock:
            return self._counts[name]

    def all(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)
