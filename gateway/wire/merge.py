"""JSON merge patches (RFC 7396): a part of a document that goes over another; null takes a key away."""

from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]


def merged(target: Any, patch: Any) -> Any:
    """`target` with `patch` over it; neither is changed."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def stacked(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """One patch that does what `lower` and then `upper` do: null stays, since it takes away what lies below both."""
    result = dict(lower)
    for key, value in upper.items():
        both = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = stacked(result[key], value) if both else value
    return result


def leaves(patch: Mapping[str, Any], at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is set, with its path; a list is one value."""
    for key, value in patch.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*at, key))
        else:
            yield (*at, key), value


def without(patch: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """`patch` less what it sets at `path` or below; empty sections go too."""
    if not path or path[0] not in patch:
        return dict(patch)
    key, *rest = path
    inner = patch[key]
    left = without(inner, tuple(rest)) if rest and isinstance(inner, Mapping) else {}
    others = {name: value for name, value in patch.items() if name != key}
    return {**others, key: left} if left else others
