"""Optimum start and stop: warm when it is wanted, and no longer than that."""

import math
from dataclasses import dataclass

from gateway.climate.classic.cooldown import CoolDown
from gateway.climate.classic.heatup import HeatUp
from gateway.climate.words import Wanted

REACHED_K = 0.3
"""So far below a target the room counts as warmed up; comfort begins 0.5 K below it."""

STOP_ABOVE_K = 0.35
"""So far below the target a room may cool down by the time a colder spell begins."""

STRANGER_K = 1.5
_BOLD = 1.5
"""So far below its next target a room is set back at most before it was ever warmed up, and so many times the longest
rise that was learned from: a house that has cooled through is slower than its line. Before its first rise, and for
`_WARY_S` after one that it missed by `_MISSED_K`, it is not set back at all: it may take half a day. Unless somebody
asks for it."""

_STRANGER_S = 12 * 3600.0
_WARY_S = 30 * 3600.0
_MISSED_K = 0.8
_SURE = 1.0  # standard deviations
_FAILED_K = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """`minutes` and `spread` are those of an early start; `stopped`: early stop; `stranger`: not known yet."""

    aim_c: float
    stopped: bool = False
    stranger: bool = False
    minutes: float | None = None
    spread: float = 0.0


class Optimum:
    """Once started or stopped early it stays so until the wanted temperature changes, except that a room which cools
    faster than it ever did is heated again."""

    def __init__(self, heat_up: HeatUp, cool_down: CoolDown) -> None:
        self._heat_up, self._cool_down = heat_up, cool_down
        self._for: tuple[float, float | None] | None = None
        self._early = False
        self._given_up = False
        self._rose = False
        self._missed_s = -math.inf

    def step(self, temp_c: float, outdoor_c: float, wanted: Wanted, mono_s: float) -> Aim:
        spell = (wanted.target_c, wanted.next_c)
        if spell != self._for:
            self._rate(temp_c, wanted.target_c, mono_s)
            self._for, self._early, self._given_up = spell, False, False
        if wanted.next_c is None or wanted.next_s is None:
            return Aim(aim_c=wanted.target_c)
        if wanted.next_c > wanted.target_c:
            return self._start(temp_c, outdoor_c, wanted, mono_s)
        lasts_s = self._cool_down.lasts(temp_c, wanted.target_c - STOP_ABOVE_K, outdoor_c, mono_s) * 60.0
        return self._stop(temp_c, lasts_s >= wanted.next_s, wanted.target_c, wanted.next_c)

    def _rate(self, temp_c: float, target_c: float, mono_s: float) -> None:
        """Was the room warm in time, where a rise that was foreseen has come?"""
        if self._for is not None and self._for[0] < target_c == self._for[1]:
            self._rose = True
            if temp_c < target_c - _MISSED_K:
                self._missed_s = mono_s

    def _start(self, temp_c: float, outdoor_c: float, wanted: Wanted, mono_s: float) -> Aim:
        assert wanted.next_c is not None
        assert wanted.next_s is not None
        minutes, spread = self._heat_up.needs(temp_c, wanted.next_c - REACHED_K, outdoor_c)
        if (minutes + _SURE * spread) * 60.0 >= wanted.next_s and minutes > 0:
            self._early = True
        if self._early:
            return Aim(aim_c=wanted.next_c, minutes=minutes, spread=spread)
        kept_c = wanted.next_c - self._set_back_k(mono_s)
        if wanted.by_hand or wanted.next_s >= _STRANGER_S or kept_c <= wanted.target_c:
            return Aim(aim_c=wanted.target_c)
        return Aim(aim_c=kept_c, stranger=True)

    def _set_back_k(self, mono_s: float) -> float:
        """Below the next target."""
        if mono_s - self._missed_s < _WARY_S or not (self._heat_up.learned or self._rose):
            return 0.0
        return max(STRANGER_K, _BOLD * self._heat_up.longest_k)

    def _stop(self, temp_c: float, lasts: bool, target_c: float, next_c: float) -> Aim:
        if self._early and temp_c < target_c - _FAILED_K:
            self._early, self._given_up = False, True
        elif lasts and not self._given_up:
            self._early = True
        return Aim(aim_c=next_c, stopped=True) if self._early else Aim(aim_c=target_c)
