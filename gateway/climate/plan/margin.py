"""How far above the band's edge to aim: as little as would have kept the promise in the days before."""

import math
from collections.abc import Mapping

import numpy as np

from gateway.climate.plan.lack import Lack
from gateway.climate.saved import number, numbers
from gateway.climate.words import Floats

_PROMISE_KH_A_WEEK = 0.46
"""A little under what is promised, 0.5 K.h a week."""

_HOURS_A_WEEK = 168.0

_WORTH_KH_A_K = 1.0
"""More margin is taken only where another K of it would spare so much in a week. In houses that are aired two or three
times a day the last tenths spare 0.05 K.h, and cost more heat than the plan saves."""

_MARGINS_C: Floats = np.arange(-10.0, 81.0) / 100
"""From lukewarm all day to 0.3 K above the target."""

_STEP_C = 0.05
_DEPTHS_C: Floats = np.arange(-6.0, 61.0) * _STEP_C
_SHORT_C: Floats = np.maximum(_DEPTHS_C - _MARGINS_C[:, None], 0)
"""What a room of a depth (column) would have lacked with a margin (row)."""

_DEEPER = _MARGINS_C[:, None] < _DEPTHS_C

_MEMORY_H = 240.0
_BELIEVED_H = 72.0
_BELIEVED_C = 0.12
"""At first it is believed to have lived for `_BELIEVED_H` in a room that keeps the promise without any margin, by
depths that are the rarer by e for every `_BELIEVED_C`."""

_ROUNDING_KH = 1e-9

_UNSEEN = 2.9
"""A room that is aired is cold for so short a time that its thermometer shows half of it or less, and the days to come
may have more of it than those that were."""


class Margin:
    """Remembers for some ten days how deep under the band's edge the room would have been without a margin (hours by
    depth, older ones fading; those after an airing apart), and takes the least margin with which it would have lacked
    no more than `_PROMISE_KH_A_WEEK`, or beyond which more is not worth it."""

    def __init__(self) -> None:
        spread = np.where(_DEPTHS_C > 0, np.exp(-_DEPTHS_C / _BELIEVED_C), 0.0)
        promise_kh = _PROMISE_KH_A_WEEK * _BELIEVED_H / _HOURS_A_WEEK
        self._hours: Floats = np.zeros((2, len(_DEPTHS_C)))
        self._hours[0] = spread * (promise_kh / float(np.maximum(_DEPTHS_C, 0) @ spread))
        self._lived_h = _BELIEVED_H
        self.value_c = self._least()

    def learn(self, lack: Lack) -> None:
        """What the room lacked while `value_c` was aimed at."""
        fade = math.exp(-lack.hours / _MEMORY_H)
        self._hours *= fade
        self._lived_h = self._lived_h * fade + lack.hours
        place = (lack.under_c + self.value_c - _DEPTHS_C[0]) / _STEP_C
        if lack.avoidable and place > 0:
            lower = min(int(place), len(_DEPTHS_C) - 2)
            upper_share = min(place - lower, 1.0)
            self._hours[int(lack.aired), lower : lower + 2] += lack.hours * np.array([1 - upper_share, upper_share])
        self.value_c = self._least()

    def snapshot(self) -> dict[str, object]:
        shut, aired = ([round(one, 6) for one in hours] for hours in self._hours.tolist())
        return {"lived_h": self._lived_h, "shut_h": shut, "aired_h": aired}

    def restore(self, saved: Mapping[str, object]) -> None:
        """Anything unreadable is as if it had never been."""
        lived_h, hours = (
            number(saved, "lived_h", 0, 10 * _MEMORY_H),
            [numbers(saved, "shut_h"), numbers(saved, "aired_h")],
        )
        if lived_h is None or any(len(one) != len(_DEPTHS_C) or min(one) < 0 for one in hours):
            return
        self._lived_h, self._hours = lived_h, np.array(hours)
        self.value_c = self._least()

    def _least(self) -> float:
        weeks = self._lived_h / _HOURS_A_WEEK
        kept = _SHORT_C @ (self._hours[0] + _UNSEEN * self._hours[1]) <= _PROMISE_KH_A_WEEK * weeks + _ROUNDING_KH
        dear = _DEEPER @ (self._hours[0] + self._hours[1]) < _WORTH_KH_A_K * weeks
        enough = kept | dear
        return float(_MARGINS_C[np.argmax(enough) if enough[-1] else -1])
