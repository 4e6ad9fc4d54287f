"""Where the threads that serve and compare leave what they saw."""

import threading
from collections import deque
from collections.abc import Mapping

from gateway.models.rollout.evidence import Seen
from gateway.models.rollout.versions import Route

_SIZE = 4096


class Intake:
    """Thread-safe, never blocks. What is not drained in time is dropped, oldest first, and counted."""

    def __init__(self, size: int = _SIZE) -> None:
        self.dropped = 0
        self._lock = threading.Lock()
        self._seen: deque[Seen] = deque()
        self._size = size
        self._routes: dict[str, Route] = {}

    def put(self, seen: Seen) -> None:
        with self._lock:
            if len(self._seen) >= self._size:
                self._seen.popleft()
                self.dropped += 1
            self._seen.append(seen)

    def drain(self) -> Mapping[str, list[Seen]]:
        """What came in since the last time, in order, by model."""
        with self._lock:
            taken, self._seen = self._seen, deque()
        by_model: dict[str, list[Seen]] = {}
        for seen in taken:
            by_model.setdefault(seen.model, []).append(seen)
        return by_model

    def route(self, model: str) -> Route | None:
        return self._routes.get(model)

    def direct(self, model: str, route: Route) -> None:
        """Valid from each backend's next inference; an equal route changes nothing."""
        if self._routes.get(model) != route:
            self._routes[model] = route
