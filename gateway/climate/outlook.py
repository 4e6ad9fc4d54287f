"""Where a room is going by itself, whoever drives it: the forecaster, fed by the room's own diary."""

from datetime import tzinfo

import numpy as np

from gateway.climate.forecast.features import AHEAD_S
from gateway.climate.forecast.forecaster import Forecaster, Outlook
from gateway.climate.forecast.net import Net
from gateway.climate.forecast.past import Past
from gateway.climate.grid import QUARTER_S
from gateway.climate.history import STEP_S, History
from gateway.climate.words import Floats, Forecast, Moment

_EVERY = 2
"""Rows between two forecasts: ten minutes."""

_LEARNED_DAYS = 14
_SEEN_ROWS = round(7.5 * 86400 / STEP_S)
"""What a forecast is made from reaches back a week."""


class RoomOutlook:
    """Shadows the room from its first row on; after `remember` also what it lived through before. Times are rows'
    places, so that a clock that was set does not tear the past apart."""

    def __init__(self, net: Net | None, zone: tzinfo) -> None:
        self.forecaster = Forecaster(net)
        self._zone = zone
        self._outlook: Outlook | None = None
        self._temp_c: float | None = None

    def remember(self, history: History, now: Moment) -> None:
        """Learn from rows that were kept over a restart."""
        now_s = history.added * STEP_S
        step_s = _EVERY * STEP_S
        last_s = now_s // step_s * step_s
        origins = np.arange(max(last_s - _LEARNED_DAYS * 86400, 0.0), last_s + 1, step_s)
        past = Past.of(history.last(), now_s)
        self.forecaster.begin(past, origins, zone_s=self._ahead_s(now, now_s))

    def due(self, history: History) -> bool:
        """Whether the row that `history` ends with is one to foretell from; others pass by unseen."""
        return history.added % _EVERY == 0

    def lived(self, history: History, temp_c: float | None, now: Moment, planned: Forecast | None) -> None:
        """After every row. `planned` is where a plan leads, if there is one."""
        if not self.due(history):
            return
        now_s = history.added * STEP_S
        rows = history.last(_SEEN_ROWS)
        room = None if planned is None or temp_c is None else _changes(planned, temp_c)
        self._outlook = self.forecaster.step(Past.of(rows, now_s), now_s, zone_s=self._ahead_s(now, now_s), room=room)
        self._temp_c = temp_c

    @property
    def forecast(self) -> Forecast | None:
        """For six hours; None while nobody has anything to say."""
        if self._outlook is None or self._temp_c is None:
            return None
        return self._outlook.forecast(self._temp_c)

    def _ahead_s(self, now: Moment, now_s: float) -> float:
        """What local time is ahead of the rows' own, by which it is `now_s`."""
        local = now.local(self._zone)
        if local is None or now.wall is None:
            return float("nan")
        offset = local.utcoffset()
        return now.wall.timestamp() + (offset.total_seconds() if offset else 0.0) - now_s


def _changes(planned: Forecast, temp_c: float) -> Floats:
    """Of the forecaster's steps, (12,), in K; NaN where the plan does not reach."""
    places = [round(ahead / QUARTER_S) - 1 for ahead in AHEAD_S]
    reached = [planned.temp_c[place] if place < len(planned.temp_c) else float("nan") for place in places]
    return np.asarray(reached, np.float64) - temp_c
