"""What the room says of its heater."""

from collections import deque

from gateway.config.climate import Room

_LAG_S = {"electric": 5400.0, "radiator": 5400.0, "floor": 4 * 3600.0}
_ROWS_S = 5400.0
_FALL_K, _STILL_FALL_K, _RISE_K, _BELOW_LIMIT_K = 1.0, 0.5, 0.5, 1.0
_LONG_ROW_S, _LONG_ROWS = 300.0, 73
_LONG_ASKED, _LONG_FALL_K, _SHUT_S = 36, 2.0, 3600.0
_LATE_ROWS, _LATE_ASKED, _HALF_HOUR_ROWS, _LATE_FALL_K = 12, 9, 6, 0.09


class Warmth:
    """What the room says of the heater, where nothing else does. Coarse on purpose: a false alarm costs trust, and
    what a learned model sees earlier comes in as suspected."""

    def __init__(self, room: Room) -> None:
        self.rises_unasked = False
        """Near the hard limit and rising, hours after the last heat."""
        self.falls_though_asked = False
        """A whole kelvin lost in an hour and a half of full heat with no window open, half of it in the later half. Or
        two in six hours of heat that was full for half of them and for most of the last one, every window shut in it,
        and the room still gets colder."""
        self._near_c = room.limits.high_c - _BELOW_LIMIT_K
        self._lag_s = _LAG_S[room.emitter]
        self._rows: deque[tuple[float, float]] = deque()
        self._unasked_s: float | None = None
        self._asked_s: float | None = None
        self._shut_s: float | None = None
        self._long: deque[tuple[float, float, bool]] = deque(maxlen=_LONG_ROWS)

    def step(self, temp: float | None, share: float, now_s: float, *, window: bool) -> None:
        self._unasked_s = _since(self._unasked_s, now_s, so=share == 0.0)
        self._asked_s = _since(self._asked_s, now_s, so=share >= 0.9 and not window)
        self._shut_s = _since(self._shut_s, now_s, so=not window)
        if temp is None:
            self._rows.clear()
            self._long.clear()
            self.rises_unasked = self.falls_though_asked = False
            return
        if not self._rows or now_s - self._rows[-1][0] >= 60.0:
            self._rows.append((now_s, temp))
        while now_s - self._rows[0][0] > _ROWS_S + 60.0:
            self._rows.popleft()
        since_s, then = self._rows[0]
        full = now_s - since_s >= _ROWS_S
        self.rises_unasked = (
            full and _for(self._unasked_s, now_s) >= self._lag_s and temp >= max(self._near_c, then + _RISE_K)
        )
        quickly = full and _for(self._asked_s, now_s) >= _ROWS_S and self._falls(temp, then)
        self.falls_though_asked = self._falls_slowly(temp, now_s, asked=share >= 0.9) or quickly

    def _falls(self, temp: float, then: float) -> bool:
        """Walls that are colder than the air draw it down for an hour, though the heater works."""
        _, halfway = self._rows[len(self._rows) // 2]
        return temp <= min(then - _FALL_K, halfway - _STILL_FALL_K)

    def _falls_slowly(self, temp: float, now_s: float, *, asked: bool) -> bool:
        """Airings now and then keep the other rule from judging a whole day."""
        if not self._long or now_s - self._long[-1][0] >= _LONG_ROW_S:
            self._long.append((now_s, temp, asked))
        rows = list(self._long)
        heated = [was_c for _, was_c, was_asked in rows if was_asked]
        if len(rows) < _LONG_ROWS or len(heated) < _LONG_ASKED or _for(self._shut_s, now_s) < _SHUT_S:
            return False
        asked_lately = sum(was_asked for _, _, was_asked in rows[-_LATE_ROWS:])
        _, lately_c, _ = rows[-1 - _HALF_HOUR_ROWS]
        return asked_lately >= _LATE_ASKED and temp <= min(max(heated) - _LONG_FALL_K, lately_c - _LATE_FALL_K)


def _since(before_s: float | None, now_s: float, *, so: bool) -> float | None:
    if not so:
        return None
    return now_s if before_s is None else before_s


def _for(since_s: float | None, now_s: float) -> float:
    return 0.0 if since_s is None else now_s - since_s
