"""When somebody usually is in a room, and when they usually come back."""

import math
from collections.abc import Mapping
from datetime import datetime

from gateway.climate import saved as kept
from gateway.climate.sense.rows import numbers

SLOT_S = 1800.0
_DAY = 48
_WEEK = 7 * _DAY
_MEMORY = 0.9
"""What a week-old visit to a slot counts today."""
_SHRINK = 3.0
"""What is borrowed (from the same time on other days, from the prior) counts as so many visits."""


class Habit:
    """Of every half-hour of the week: how often the room was occupied, and how often, being empty, it became occupied.
    Slots that were hardly seen borrow from the same time on other working (or free) days, then from the prior."""

    def __init__(self, prior: float) -> None:
        self._present = _Shares(prior)
        self._arrived = _Shares(0.06)

    def occupied(self, local: datetime) -> float:
        """Usual probability of presence at this time, 0..1."""
        return self._present.at(slot_of(local))

    def learn(self, local: datetime, occupied: float, arrived: bool, dt_s: float) -> None:
        slot = slot_of(local)
        weight = min(dt_s / SLOT_S, 1.0)
        self._present.learn(slot, occupied, weight)
        if occupied < 0.5 or arrived:
            self._arrived.learn(slot, float(arrived), 1.0 if arrived else weight)

    def returns_s(self, local: datetime) -> float | None:
        """Seconds until a room that is empty now has been entered with even odds; None beyond a week."""
        start = slot_of(local)
        into_s = (local.minute % 30) * 60.0 + local.second
        still_empty = 1.0
        for ahead in range(_WEEK):
            hazard = min(0.95, self._arrived.at((start + ahead) % _WEEK))
            left = (SLOT_S - into_s) / SLOT_S if ahead == 0 else 1.0
            after = still_empty * (1.0 - hazard) ** left
            if after <= 0.5:
                share = math.log(still_empty / 0.5) / math.log(still_empty / after)
                return max(0.0, ahead * SLOT_S - into_s) + share * left * SLOT_S
            still_empty = after
        return None

    def snapshot(self) -> dict[str, object]:
        return {"present": self._present.snapshot(), "arrived": self._arrived.snapshot()}

    def restore(self, saved: Mapping[str, object]) -> None:
        self._present.restore(kept.mapping(saved, "present"))
        self._arrived.restore(kept.mapping(saved, "arrived"))


class _Shares:
    """A share 0..1 for each slot of the week, from weighted yes and no."""

    def __init__(self, prior: float) -> None:
        self._prior = prior
        self._yes = [0.0] * _WEEK
        self._all = [0.0] * _WEEK
        self._kind_yes = [0.0] * (2 * _DAY)
        self._kind_all = [0.0] * (2 * _DAY)

    def at(self, slot: int) -> float:
        kind = _kind(slot)
        usual = (self._kind_yes[kind] + _SHRINK * self._prior) / (self._kind_all[kind] + _SHRINK)
        return min(0.995, max(0.005, (self._yes[slot] + _SHRINK * usual) / (self._all[slot] + _SHRINK)))

    def learn(self, slot: int, yes: float, weight: float) -> None:
        kind = _kind(slot)
        fade, kind_fade = _MEMORY**weight, _MEMORY ** (weight / 5)
        self._yes[slot] = self._yes[slot] * fade + yes * weight
        self._all[slot] = self._all[slot] * fade + weight
        self._kind_yes[kind] = self._kind_yes[kind] * kind_fade + yes * weight
        self._kind_all[kind] = self._kind_all[kind] * kind_fade + weight

    def snapshot(self) -> dict[str, object]:
        return {"yes": _short(self._yes), "all": _short(self._all)}

    def restore(self, saved: Mapping[str, object]) -> None:
        yes = numbers(saved, "yes", _WEEK, low=0.0)
        total = numbers(saved, "all", _WEEK, low=0.0)
        if yes is None or total is None or any(one > both + 1e-3 for one, both in zip(yes, total, strict=True)):
            return
        self._yes, self._all = list(yes), list(total)
        self._kind_yes, self._kind_all = _by_kind(self._yes), _by_kind(self._all)


def slot_of(local: datetime) -> int:
    """The half-hour of the week, 0 on Monday at midnight."""
    return local.weekday() * _DAY + local.hour * 2 + local.minute // 30


def _kind(slot: int) -> int:
    return slot % _DAY + (_DAY if slot // _DAY >= 5 else 0)


def _by_kind(slots: list[float]) -> list[float]:
    sums = [0.0] * (2 * _DAY)
    for slot, value in enumerate(slots):
        sums[_kind(slot)] += value
    return sums


def _short(values: list[float]) -> list[float]:
    return [round(value, 3) for value in values]
