"""What motion, doors and phones say about presence, as log-odds: positive for somebody, negative for nobody.

Engineering choices, not trained: a motion sensor misses people who sit or sleep (7-14 % of occupied minutes against a
head count), so its silence never outweighs everything else.
"""

from collections.abc import Mapping

_SEEN, _UNSEEN = 4.0, -2.5
_SEEN_S, _DOUBT_S, _UNSEEN_S = 300.0, 1800.0, 7200.0
_LEFT = -1.5
_LEFT_S = 600.0
_HERE, _GONE = 1.5, -2.5
_OPENED = 1.0
_OPENED_S = 300.0


def motion(motion_s: float | None, door_s: float | None) -> float | None:
    """From the seconds since the last motion and the last door; None without a motion sensor. Nothing moved since the
    door did: somebody left."""
    if motion_s is None:
        return None
    said = _fading(motion_s)
    left = door_s is not None and _LEFT_S < door_s < motion_s + 60.0
    return said + _LEFT if left and said < _SEEN else said


def door(door_s: float | None) -> float | None:
    """A door that just moved was moved by somebody."""
    if door_s is None:
        return None
    return _OPENED if door_s < _OPENED_S else 0.0


def phones(here: Mapping[str, bool]) -> float | None:
    """Whose phones are at home. One that is says less than all that are not: people leave phones behind."""
    if not here:
        return None
    return _HERE if any(here.values()) else _GONE


def _fading(motion_s: float) -> float:
    if motion_s <= _SEEN_S:
        return _SEEN
    if motion_s <= _DOUBT_S:
        return _SEEN * (_DOUBT_S - motion_s) / (_DOUBT_S - _SEEN_S)
    return max(_UNSEEN, _UNSEEN * (motion_s - _DOUBT_S) / (_UNSEEN_S - _DOUBT_S))
