"""What is wanted where nobody set anything by hand: the schedule, less what absence saves."""

from collections.abc import Sequence

from gateway.climate.wish.course import Course, Point
from gateway.climate.wish.week import Spell
from gateway.climate.words import Preset
from gateway.config.climate import Presets

FIRST_SET_BACK_K = 2.0
_HOUR_S = 3600.0
_EXPECTED_S = 24 * _HOUR_S


def unscheduled(presets: Presets) -> Course:
    """Without a clock: between comfort and eco, at all times."""
    middle_c = (presets.comfort + presets.eco) / 2
    return Course(points=[(0.0, middle_c)], preset=None, why="the time is not known: between comfort and eco")


def scheduled(spells: Sequence[Spell], now_s: float, absent_s: float | None, presets: Presets) -> Course:
    """`spells` begin with the one in force. While nobody is there (`absent_s`) the room is set back, by 2 K in the
    first hour. For a day people are expected at the times when the schedule rises: it is warmed for them, and set back
    an hour later if nobody came."""
    points = [(max(spell.begins_s - now_s, 0.0), spell.target_c) for spell in spells]
    present = Course(points=points, preset=spells[0].preset, why="the schedule")
    if absent_s is None:
        return present
    expected = absent_s < _EXPECTED_S
    if expected and spells[0].rises and now_s - spells[0].begins_s < _HOUR_S:
        return present
    set_back_c = _set_back(points[0][1], absent_s, presets)
    later = points[1:] if expected else [(at_s, min(target_c, presets.away)) for at_s, target_c in points[1:]]
    course: list[Point] = [(0.0, set_back_c), *later]
    return Course(points=course, preset=Preset.AWAY, why="nobody is at home")


def _set_back(target_c: float, absent_s: float, presets: Presets) -> float:
    lowest_c = presets.away if absent_s >= _HOUR_S else max(presets.away, target_c - FIRST_SET_BACK_K)
    return max(min(target_c, lowest_c), presets.frost)
