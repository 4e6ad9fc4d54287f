"""What a room lived through, asked for at any time: only what was known by then is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from gateway.climate.history import STEP_S, Rows
from gateway.climate.words import Floats

COLUMNS = ("temp_c", "outdoor_c", "duty", "target_c", "light", "humidity")
"""What a forecast is made from, as in `history.Rows`; all but the first may be missing."""

OLDEST_S = {"temp_c": 3600.0, "outdoor_c": 7200.0, "duty": 3600.0, "light": 3600.0, "humidity": 3600.0}
"""How long a reading stands for the present. A set-point stands until the next one, however long that takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Readings `values` (n,) at `times_s` (n,), ascending and finite; of two at one time the later one counts."""

    times_s: Floats
    values: Floats

    @classmethod
    def known(cls, times_s: Floats, values: Floats) -> Self:
        """Without the readings that are not there (NaN)."""
        there = np.isfinite(values) & np.isfinite(times_s)
        return cls(times_s=times_s[there], values=values[there])

    def at(self, when_s: Floats, oldest_s: float = np.inf) -> Floats:
        """The last value at or before each time, of the shape of `when_s`; NaN where it is older than `oldest_s`."""
        if not len(self.times_s):
            return np.full(when_s.shape, np.nan)
        place = np.searchsorted(self.times_s, when_s, side="right") - 1
        last = np.maximum(place, 0)
        good = (place >= 0) & (when_s - self.times_s[last] <= oldest_s)
        return np.where(good, self.values[last], np.nan)


_NOTHING = Series(times_s=np.empty(0), values=np.empty(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A room's `Series` by column; those of `COLUMNS` that are left out were never known."""

    series: Mapping[str, Series]

    @classmethod
    def of(cls, rows: Rows, now_s: float) -> Self:
        """Of the product's own history, whose last row is at `now_s`. Rows of a fault are left out; the times are those
        of the rows' places, so that a clock that was set does not tear the past apart."""
        times = np.asarray(now_s + (np.arange(len(rows)) - (len(rows) - 1)) * STEP_S, np.float64)
        sound = np.where(rows["fault"] > 0, np.nan, 1.0)
        return cls(series={name: Series.known(times, rows[name] * sound) for name in COLUMNS})

    def at(self, column: str, when_s: Floats) -> Floats:
        return self.series.get(column, _NOTHING).at(when_s, OLDEST_S.get(column, np.inf))
