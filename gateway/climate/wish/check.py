"""What may be asked of a room at all, whoever asks."""

import math
from dataclasses import replace

from gateway.climate.words import Ask

_LOW_C, _HIGH_C = 5.0, 30.0
_LONGEST_S = 30 * 86400.0


def sane(ask: Ask) -> bool:
    """False for a temperature outside 5 to 30 degC or a duration outside 0 to 30 days; NaN is outside."""
    target_fits = ask.target_c is None or _LOW_C <= ask.target_c <= _HIGH_C
    time_fits = ask.for_s is None or (math.isfinite(ask.for_s) and 0 < ask.for_s <= _LONGEST_S)
    return target_fits and time_fits


def merged(first: Ask, then: Ask) -> Ask:
    """What both ask together: a temperature of the later one, by number or preset, replaces that of the first."""
    if then.mode is not None:
        return then
    if then.preset is None and then.target_c is None:
        return first if then.for_s is None else replace(first, for_s=then.for_s)
    return replace(then, mode=first.mode)
