"""How much heat a room needs to stay as warm as it is."""

import math
from collections.abc import Mapping

from gateway.climate import saved as kept

_MEMORY_S = 2 * 86400.0
_USUAL_PER_K = 0.025
_USUAL_K = 15.0


class Losses:
    """Share of full power for each kelvin above the outside: the mean of the one by the mean of the other over two
    days, so that sun and people count as they come. Configured values are not learned over."""

    def __init__(self, per_k: float | None) -> None:
        self._fixed = per_k
        self._duty, self._above_k = _USUAL_PER_K * _USUAL_K, _USUAL_K

    @property
    def per_k(self) -> float:
        return self._fixed if self._fixed is not None else self._duty / max(self._above_k, 1.0)

    def watch(self, duty: float, above_k: float, elapsed_s: float) -> None:
        """`duty` was given for `elapsed_s`, `above_k` being the difference to the outside."""
        if above_k < 3.0:
            return
        share = -math.expm1(-elapsed_s / _MEMORY_S)
        self._duty += share * (duty - self._duty)
        self._above_k += share * (above_k - self._above_k)

    def duty(self, aim_c: float, outdoor_c: float) -> float:
        return min(max(self.per_k * (aim_c - outdoor_c), 0.0), 1.0)

    def snapshot(self) -> dict[str, object]:
        return {"duty": self._duty, "above_k": self._above_k}

    def restore(self, saved: Mapping[str, object]) -> None:
        duty, above_k = kept.number(saved, "duty", 0.0, 1.0), kept.number(saved, "above_k", 1.0, 60.0)
        if duty is not None and above_k is not None:
            self._duty, self._above_k = duty, above_k
