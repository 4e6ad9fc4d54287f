"""Named states spread from the board: to MQTT, to open pages, and cameras' states as events for rules."""

import threading
from collections.abc import Callable

from gateway.types import Event, Kind, State, new_id

_CAMERA = "camera/"


class StateTeller:
    """A listener of the board, called on any thread; all it calls must be thread-safe and must not block."""

    def __init__(self, *, news: Callable[[State], None], page: Callable[[State], None], made: Callable[[Event], None]):
        self._news = news
        self._page = page
        self._made = made
        self._lock = threading.Lock()
        self._keys: dict[str, str] = {}

    def __call__(self, state: State) -> None:
        self._news(state)
        self._page(state)
        if state.part.startswith(_CAMERA) and state.part.count("/") == 1 and self._is_new(state):
            self._made(_event(state))

    def _is_new(self, state: State) -> bool:
        """A changed detail is no event."""
        with self._lock:
            known, self._keys[state.part] = self._keys.get(state.part), state.key
        return known != state.key


def _event(state: State) -> Event:
    return Event(
        id=new_id(),
        kind=Kind.CAMERA_STATE,
        stamp=state.since,
        began=state.since,
        source=state.part.removeprefix(_CAMERA),
        label=state.key,
    )
