"""What the sensors of drawn houses tell: late, noisy and rounded, heat as a duty or as a warm radiator's head."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Table = npt.NDArray[np.float32]

_HOUR = 1 / 60
_COLUMNS = ("temp_c", "outdoor_c", "duty", "target_c", "light", "humidity", "head_c")


class Sensors:
    """Of `houses`, for `reports` readings."""

    def __init__(self, rng: np.random.Generator, houses: int, reports: int) -> None:
        self._lag_min = np.exp(rng.uniform(np.log(3), np.log(14), houses))
        self._steam_k = rng.uniform(1, 7, houses)
        self._sunlit, self._lamp = (np.exp(rng.uniform(np.log(low), np.log(high), houses)) for low, high in _LUX)
        self._temp: Floats | None = None
        self._local = np.zeros(houses)
        self._water = 5 + rng.normal(0, 0.7, houses)
        self._home = np.zeros(houses, bool)
        self._kept = {name: np.zeros((houses, reports), np.float32) for name in _COLUMNS}

    def feel(
        self,
        air: Floats,
        outdoor: Floats,
        draught: npt.NDArray[np.float32],
        *,
        steam: npt.NDArray[np.float32],
        home: npt.NDArray[np.bool_],
    ) -> None:
        """A minute passes. Steam warms the sensor more than the room; water, in g/kg, leaves with the air."""
        self._local += (self._steam_k * steam - self._local) / 12
        seen = air + self._local
        self._temp = seen if self._temp is None else self._temp + (seen - self._temp) / self._lag_min
        outside = 3.0 * np.exp(0.0625 * outdoor)
        leaving = (outside - self._water) * (0.35 + 0.3 * draught)
        self._water += _HOUR * (leaving + 60 * steam + 0.25 * home)
        self._water = np.minimum(self._water, _saturated(air))
        self._home = home

    def report(self, number: int, *, window_kw: Floats, **told: Floats | npt.NDArray[np.float32]) -> None:
        """Keep reading `number` of everything."""
        assert self._temp is not None
        for name, values in told.items():
            self._kept[name][:, number] = values
        self._kept["temp_c"][:, number] = self._temp
        self._kept["humidity"][:, number] = 100 * self._water / _saturated(self._temp)
        self._kept["light"][:, number] = 2 * self._sunlit * window_kw + self._lamp * self._home * (window_kw < 0.06)

    def told(self, rng: np.random.Generator) -> dict[str, Table]:
        """Everything, as cheap sensors say it. Half of the houses have no duty but the warmth at the radiator's head,
        in fifths of a degree over the room's."""
        kept: dict[str, npt.NDArray[np.floating]] = dict(self._kept)
        shape = (len(self._lag_min), 1)
        noisy = kept["temp_c"] + rng.normal(0, 1, kept["temp_c"].shape) * np.exp(rng.uniform(-5.3, -2.8, shape))
        step = rng.choice([0.01, 0.01, 0.1, 0.1, 0.2], shape)
        humid = np.clip(kept["humidity"] + rng.normal(0, 0.4, kept["humidity"].shape), 1, 99)
        head = np.clip(kept.pop("head_c") * np.exp(rng.uniform(-1.9, 0, shape)) / 5, 0, 1)
        kept["duty"] = np.where(rng.random(shape) < 0.5, head, kept["duty"])
        kept["temp_c"], kept["humidity"] = np.round(noisy / step) * step, np.round(humid)
        half_hours = np.repeat(np.round(kept["outdoor_c"][:, ::3], 1), 3, axis=1)
        kept["outdoor_c"] = half_hours[:, : kept["duty"].shape[1]]
        return {name: np.asarray(values, np.float32) for name, values in kept.items()}


_LUX = ((100, 4000), (30, 400))


def _saturated(temp_c: Floats) -> Floats:
    """Water that air can hold, g/kg (Magnus, near 20 degC)."""
    return np.asarray(3.8 * np.exp(0.0625 * temp_c))
