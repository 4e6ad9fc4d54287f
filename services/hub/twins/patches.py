"""Wishes as merge patches (RFC 7396): one laid over others, taken back again, compared with what a home reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.wire.merge import Path, leaves, stacked, without
from gateway.wire.uplink import Reported

_NOTHING: Any = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`path` is dotted. `wished` None takes a setting back to what stands below. `key` says why it is not so:
    "pending" (the home has not looked at this version), "local" (people of the home decided otherwise), the key the
    home gave, "untold" (texts and names stay at home) or "different"."""

    path: str
    wished: Any
    reported: Any
    key: str


def undone(now: Mapping[str, Any], patch: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """`now` less what `patch` brought into it when it was `before`; what was wished differently since stays."""
    result = dict(now)
    for path, value in leaves(patch):
        if at(result, path) != value:
            continue
        result = without(result, path)
        earlier = at(before, path)
        if earlier is not _NOTHING:
            result = stacked(result, _nested(path, earlier))
    return result


def at(patch: Mapping[str, Any], path: Path) -> Any:
    """What `patch` says of `path`; a marker of its own where it says nothing."""
    place: Any = patch
    for key in path:
        if not isinstance(place, Mapping) or key not in place:
            return _NOTHING
        place = place[key]
    return place


def differences(version: int, patch: Mapping[str, Any], reported: Reported | None) -> tuple[Difference, ...]:
    """What of the wishes is not known to be as wished, in the order of the patch."""
    found = []
    for path, wished in leaves(patch):
        key, told = _compared(version, path, wished, reported)
        if key is not None:
            found.append(Difference(path=".".join(path), wished=wished, reported=told, key=key))
    return tuple(found)


def _compared(version: int, path: Path, wished: Any, reported: Reported | None) -> tuple[str | None, Any]:
    if reported is None:
        return "pending", None
    told, name = at(reported.settings, path), ".".join(path)
    shown = None if told is _NOTHING else told
    rejected = (one.key for one in reported.rejected if f"{one.path}.".startswith(f"{name}."))
    key = next(rejected, None)
    if key is None and told != wished:
        key = _reason(version, wished, shown, reported, name)
    return key, shown


def _reason(version: int, wished: Any, shown: Any, reported: Reported, name: str) -> str | None:
    if reported.version < version:
        return "pending"
    if reported.sources.get(name) == "local":
        return "local"
    if wished is None:  # what stands below is not known here
        return None
    return "untold" if shown is None else "different"


def _nested(path: Path, value: Any) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    whole: dict[str, Any] = value
    return whole
