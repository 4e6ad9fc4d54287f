"""How far above the band's edge to aim: as little as keeps the promise, learned from how often it was broken."""

import math

_PROMISE_KH_A_WEEK = 0.45
"""A little under what is promised, 0.5 K.h a week."""

_FIRST_C = 0.0
_LEAST_C, _MOST_C = -0.1, 0.8
"""Where people air every day, warmth beforehand is all that helps. The most is 0.3 C above the target."""

_UP_C_PER_KH = 0.7
_HOURS_A_WEEK = 168.0

_DOUBT_C = 0.02
"""How well the temperature is known, a standard deviation."""

_UNSEEN = 2.0
"""A room that is aired is cold for so short a time that its thermometer shows about half of it."""


class Margin:
    """`value_c` rises with every K.h that the room is too cold, and falls slowly while it is not, so that it settles
    where `_PROMISE_KH_A_WEEK` is kept (an integral controller)."""

    def __init__(self, value_c: float | None = None) -> None:
        self.value_c = _FIRST_C if value_c is None else min(max(value_c, _LEAST_C), _MOST_C)

    def learn(self, under_c: float, hours: float, *, avoidable: bool = True, aired: bool = False) -> None:
        """For `hours` the room was, as far as is known, `under_c` under what is still comfortable; negative: above.
        `avoidable`: aiming higher would have helped; `aired`: a window was open lately."""
        short_c = _expected_short(under_c) * (_UNSEEN if aired else 1.0)
        excess = short_c - _PROMISE_KH_A_WEEK / _HOURS_A_WEEK
        if not avoidable:
            excess = min(excess, 0.0)
        self.value_c = min(max(self.value_c + _UP_C_PER_KH * excess * hours, _LEAST_C), _MOST_C)


def _expected_short(under_c: float) -> float:
    """The mean of what a normal variable around `under_c` is above 0."""
    far = under_c / _DOUBT_C
    density = math.exp(-far * far / 2) / math.sqrt(2 * math.pi)
    return _DOUBT_C * (density + far * (1 + math.erf(far / math.sqrt(2))) / 2)
