"""Whether a sample may be believed by itself: finite, and within what the quantity can be."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from gateway.types import Quantity

RANGES: Mapping[Quantity, tuple[float, float]] = MappingProxyType(
    {
        Quantity.HUMIDITY: (1.0, 100.0),  # 0 % is a broken element
        Quantity.CO2: (250.0, 10_000.0),  # 0 ppm is said while a sensor warms up
        Quantity.ILLUMINANCE: (0.0, 150_000.0),
        Quantity.POWER: (-100_000.0, 100_000.0),
    }
)
"""Closed ranges in canonical units, for rooms."""


class Verdict(NamedTuple):
    """The value that is believed, None where none is; `key` names the reason of a refusal or a repair."""

    value: float | None
    key: str = ""


class Check(Protocol):
    doubt: float
    """See `gateway.climate.words.Measured`."""
    stuck: bool
    """Set from outside: the last value is known not to be the truth, so that the next one may be far from it."""

    @property
    def frozen(self) -> bool:
        """Whether what is refused has long been one and the same value."""
        ...

    def judge(self, raw: float, at_s: float, support: float | None = None) -> Verdict:
        """Samples come in order; `support` is what another sensor says of the same quantity."""
        ...

    def snapshot(self, now_s: float) -> dict[str, object]: ...

    def restore(self, state: Mapping[str, object], then_s: float) -> None:
        """`then_s` is when the snapshot was taken. Called after the last value was judged once more."""
        ...


class RangeCheck:
    doubt = 0.0
    frozen = False

    def __init__(self, low: float, high: float) -> None:
        self.stuck = False
        self._low, self._high = low, high

    def judge(self, raw: float, at_s: float, support: float | None = None) -> Verdict:  # noqa: ARG002  the contract
        if not math.isfinite(raw):
            return Verdict(None, "not_finite")
        return Verdict(raw) if self._low <= raw <= self._high else Verdict(None, "out_of_range")

    def snapshot(self, now_s: float) -> dict[str, object]:  # noqa: ARG002  the contract
        return {}

    def restore(self, state: Mapping[str, object], then_s: float) -> None:
        """Nothing is remembered."""
