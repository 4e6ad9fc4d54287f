"""No cooling that makes water: surfaces stay above the dew point."""

import math

from gateway.climate.words import Observed
from gateway.config.climate import Room

LOWEST_C = 16.0
"""No cooling below it, whatever anybody asks."""
_ABOVE_DEW_K = 2.0


def dew_point_c(temp_c: float, humidity: float) -> float:
    """Dew point in degC of air at `temp_c` and relative `humidity` in % (above 0): the Magnus formula over water with
    the coefficients 17.62 and 243.12 degC of Sonntag (1990), as in WMO-No. 8."""
    gamma = math.log(humidity / 100.0) + 17.62 * temp_c / (243.12 + temp_c)
    return 243.12 * gamma / (17.62 - gamma)


def may_cool(room: Room, observed: Observed) -> bool:
    """Whether the coldest surface that is known lies 2 K above the dew point. A cooled floor needs a humidity sensor;
    other coolers catch their water."""
    temp, floor, humidity = observed.temp.good, observed.floor.good, observed.humidity.good
    if temp is None or temp <= LOWEST_C:
        return False
    if humidity is None:
        return room.emitter != "floor"
    coldest = temp if floor is None else min(temp, floor)
    return coldest >= dew_point_c(temp, humidity) + _ABOVE_DEW_K
