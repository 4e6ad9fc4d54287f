"""No heat near the hard limit: an emitter goes on giving what it holds, and a sensor tells late."""

from collections import deque
from collections.abc import Mapping

from gateway.climate import saved
from gateway.config.climate import Room

_MARGIN_K = {"electric": 1.0, "radiator": 1.5, "floor": 2.0}
_MOST_K = 4.0
_LAG_S = {"electric": 900.0, "radiator": 3600.0, "floor": 3 * 3600.0}
"""For how long after switching off the room may still get warmer."""
_AHEAD_S = {"electric": 300.0, "radiator": 600.0, "floor": 1800.0}
_TREND_S = 900.0
_UNSEEN_K_S = {"electric": 2.0 / 3600, "radiator": 2.0 / 3600, "floor": 0.5 / 3600}
_UNSEEN_MOST_K = 2.0
"""What a heated room may have gained since its sensor last spoke."""
_BACK_K = 0.3
_FLOOR_BACK_K = 1.0


class Ceiling:
    """Learns how far a room overshoots after heat, and stops so far below the limit. The margin is never less than
    what is assumed of the emitter and at most 4 K."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._learned_k = 0.0
        self._off: tuple[float, float, float] | None = None
        self._trend: deque[tuple[float, float]] = deque()
        self._closed = False
        self._floor_closed = False

    @property
    def margin_k(self) -> float:
        assumed = _MARGIN_K[self._room.emitter]
        return min(max(assumed, 1.2 * self._learned_k), _MOST_K)

    def watch(self, temp: float | None, now_s: float, *, heating: bool) -> None:
        """Learn from a tick; `temp` is None where it is not to be trusted."""
        if temp is None:
            self._trend.clear()
            self._off = None
            return
        if not self._trend or now_s - self._trend[-1][0] >= 60.0:
            self._trend.append((now_s, temp))
        while now_s - self._trend[0][0] > _TREND_S:
            self._trend.popleft()
        self._learn(temp, now_s, heating=heating)

    def _learn(self, temp: float, now_s: float, *, heating: bool) -> None:
        if heating:
            self._off = (now_s, temp, temp)
        elif self._off is not None:
            since_s, at_c, peak_c = self._off
            self._off = (since_s, at_c, max(peak_c, temp))
            if now_s - since_s >= _LAG_S[self._room.emitter]:
                self._learned_k = max(0.95 * self._learned_k, self._off[2] - at_c)
                self._off = None

    def closed(self, temp: float | None, heated_unseen_s: float = 0.0) -> bool:
        """Whether there is to be no heat at `temp`, nor with this trend. It may have been heated for `heated_unseen_s`
        since it was measured."""
        if temp is None:
            return False
        temp += min(heated_unseen_s * _UNSEEN_K_S[self._room.emitter], _UNSEEN_MOST_K)
        limit = self._room.limits.high_c - self.margin_k
        rising = max(self._slope_k_s(), 0.0) * _AHEAD_S[self._room.emitter]
        reached = temp >= limit or temp + rising >= limit + self.margin_k / 2
        self._closed = reached or (self._closed and temp > limit - _BACK_K)
        return self._closed

    def floor_closed(self, floor: float | None) -> bool:
        """Whether the floor is as warm as feet and wood bear (EN 1264-2)."""
        if floor is None:
            return False
        limit = self._room.limits.floor_max_c
        self._floor_closed = floor >= limit or (self._floor_closed and floor > limit - _FLOOR_BACK_K)
        return self._floor_closed

    def _slope_k_s(self) -> float:
        if len(self._trend) < 2:
            return 0.0
        (first_s, first), (last_s, last) = self._trend[0], self._trend[-1]
        return (last - first) / (last_s - first_s)

    def snapshot(self) -> dict[str, object]:
        return {"overshoot_k": self._learned_k}

    def restore(self, state: Mapping[str, object]) -> None:
        self._learned_k = saved.number(state, "overshoot_k", 0.0, 10.0) or 0.0
