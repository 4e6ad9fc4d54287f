"""How far above the band's edge to aim: as little as keeps the promise, learned from how often it was broken."""

_PROMISE_KH_A_WEEK = 0.3
"""A little under what is promised, 0.5 K.h a week."""

_FIRST_C = 0.15
_LEAST_C, _MOST_C = -0.05, 0.6
_UP_C_PER_KH = 0.25
_HOURS_A_WEEK = 168.0


class Margin:
    """`value_c` rises with every K.h that the room is too cold, and falls slowly while it is not, so that it settles
    where `_PROMISE_KH_A_WEEK` is kept (an integral controller)."""

    def __init__(self) -> None:
        self.value_c = _FIRST_C

    def learn(self, short_c: float, hours: float) -> None:
        """For `hours` the room was `short_c` (0 and above) under what is still comfortable."""
        excess = short_c - _PROMISE_KH_A_WEEK / _HOURS_A_WEEK
        self.value_c = min(max(self.value_c + _UP_C_PER_KH * excess * hours, _LEAST_C), _MOST_C)
