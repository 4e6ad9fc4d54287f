"""The words of climate control. Temperatures in degC, differences in K, durations in s, prices per kWh, duties 0..1.

One tick of one room:

    readings -> intake -> Observed -> sense (occupancy, windows, faults)
    Observed + Wanted -> classic | plan -> Drive -> supervisor -> Order (a lease) -> the device

Only the supervisor makes an `Order`; what it overrules and why is in the order's `why` and in its alarms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

import numpy as np
import numpy.typing as npt

from gateway.types.climate import (
    Alarm,
    Ask,
    Drive,
    Forecast,
    Law,
    Mode,
    Order,
    Preset,
    RoomStatus,
    Trust,
    Wanted,
)

__all__ = [
    "NOTHING",
    "Alarm",
    "Ask",
    "Drive",
    "Floats",
    "Forecast",
    "Law",
    "Measured",
    "Mode",
    "Moment",
    "Observed",
    "Order",
    "Preset",
    "RoomStatus",
    "Trust",
    "Wanted",
]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When a tick happens: `mono_s` orders and measures and never goes back; `wall` is aware UTC, or None while no
    clock can be believed (no RTC, no NTP yet, or it just jumped)."""

    mono_s: float
    wall: datetime | None

    def local(self, zone: tzinfo) -> datetime | None:
        return None if self.wall is None else self.wall.astimezone(zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known of one quantity. `value` is the last believed one, in the canonical unit, None where there never
    was one; `age_s` counts from when it was measured, `seen_s` from when its device was last heard at all, `refused_s`
    from when a sample was last refused or had to be repaired. After a jump that was believed in the end, but that
    nothing explains, the truth may still be `value - doubt`; else `doubt` is 0."""

    value: float | None = None
    age_s: float = float("inf")
    seen_s: float = float("inf")
    trust: Trust = Trust.MISSING
    refused_s: float = float("inf")
    doubt: float = 0.0

    @property
    def good(self) -> float | None:
        """The value where it is to be trusted."""
        return self.value if self.trust is Trust.GOOD else None


NOTHING = Measured()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """All that is known about a room at a tick; whatever a home does not measure stays `NOTHING` or None.

    `temp` is the room's own sensor, calibrated; `backup` another one, with its offset. `window` is whether a contact
    says open, `motion` and `door` seconds since the last one. `heater_on` is what the actuator says of itself,
    `power_w` what its meter says. `solar_w` is the surplus of the home's own production, `use_w`
    the power that people's appliances draw.
    """

    now: Moment
    temp: Measured
    backup: Measured = NOTHING
    outdoor: Measured = NOTHING
    humidity: Measured = NOTHING
    co2: Measured = NOTHING
    floor: Measured = NOTHING
    light: Measured = NOTHING
    heater_on: bool | None = None
    power_w: Measured = NOTHING
    solar_w: Measured = NOTHING
    use_w: Measured = NOTHING
    window: bool | None = None
    motion_s: float | None = None
    door_s: float | None = None
    phones: Mapping[str, bool] = field(default_factory=dict)
    """Person -> whether their phone is here, as far as it is told."""
