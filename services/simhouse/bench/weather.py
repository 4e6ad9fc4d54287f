"""Weather: what the outside does."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Rows (n,) at `time_s` (POSIX, ascending). Temperature runs straight from one to the next; everything else
    holds until the next. The last two are None where the file does not tell them."""

    time_s: Floats
    outdoor_c: Floats
    ghi_w_m2: Floats
    wind_m_s: Floats
    internal_gain_kw: Floats | None = None
    airing_w_per_k: Floats | None = None

    @property
    def begin_s(self) -> float:
        return float(self.time_s[0])

    @property
    def end_s(self) -> float:
        """One usual step after the last row."""
        return float(self.time_s[-1] + np.median(np.diff(self.time_s)))

    def outdoor(self, at_s: Floats) -> Floats:
        return np.interp(at_s, self.time_s, self.outdoor_c)

    def held(self, column: Floats, at_s: Floats) -> Floats:
        return np.asarray(column[np.searchsorted(self.time_s, at_s, side="right").clip(1) - 1])
