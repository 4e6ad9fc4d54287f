"""The weekly schedule on the home's own clock, as stretches of one target between moments that exist only once."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from gateway.climate.words import Preset
from gateway.config.climate import Change, Presets, Room

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_BACK, _ON = 8, 9  # days: a schedule may change but once a week
_KEPT_S = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A target from `begins_s` (POSIX) until the next spell begins. `rises`: it was colder before."""

    begins_s: float
    target_c: float
    preset: Preset | None
    rises: bool = False


class Week:
    """A time that a clock change skips takes place by the clock before it (02:30 becomes 03:30), one that it doubles
    takes place the first time. Of two changes at the same time the last one written counts."""

    def __init__(self, room: Room, zone: tzinfo) -> None:
        self._changes = room.schedule
        self._presets = room.presets
        self._zone = zone
        self._spells: tuple[Spell, ...] = ()
        self._begins: tuple[float, ...] = ()
        self._built_s: float | None = None

    def spells(self, now_s: float) -> Sequence[Spell]:
        """The spell in force at `now_s` (POSIX), those that begin within a day, and the one after them."""
        if self._built_s is None or abs(now_s - self._built_s) > _KEPT_S:
            self._build(now_s)
        first, behind = bisect_right(self._begins, now_s) - 1, bisect_right(self._begins, now_s + _KEPT_S) + 1
        return self._spells[max(first, 0) : behind]

    def _build(self, now_s: float) -> None:
        today = datetime.fromtimestamp(now_s, self._zone).date()
        days = [today + timedelta(days=offset) for offset in range(-_BACK, _ON)]
        begun: dict[float, Change] = {}
        for day in days:
            weekday = _DAYS[day.weekday()]
            begun |= {self._instant(day, change): change for change in self._changes if weekday in change.days}
        spells: list[Spell] = []
        for begins_s in sorted(begun):
            target = temperature(begun[begins_s], self._presets)
            rises = bool(spells) and target > spells[-1].target_c
            preset = None if begun[begins_s].preset is None else Preset(str(begun[begins_s].preset))
            spells.append(Spell(begins_s=begins_s, target_c=target, preset=preset, rises=rises))
        always = Spell(begins_s=float("-inf"), target_c=self._presets.comfort, preset=Preset.COMFORT)
        self._spells = tuple(spells) or (always,)
        self._begins = tuple(spell.begins_s for spell in self._spells)
        self._built_s = now_s

    def _instant(self, day: date, change: Change) -> float:
        return datetime.combine(day, change.at.replace(tzinfo=None), self._zone).timestamp()


def temperature(change: Change, presets: Presets) -> float:
    """degC from a change on."""
    return of_preset(Preset(change.preset), presets) if change.preset is not None else change.temp_c or presets.comfort


def of_preset(preset: Preset, presets: Presets) -> float:
    """degC of a preset."""
    return float(getattr(presets, preset.value))
