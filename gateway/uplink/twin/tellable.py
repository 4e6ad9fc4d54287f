"""What may be told of settings: numbers, truth values, words of an enumeration. Names and addresses stay at home."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from gateway.wire.merge import Path


def tellable(settings: BaseModel, at: Path = ()) -> Iterator[tuple[Path, bool | int | float | str]]:
    """Path and value of each; lists are left out whole, since what is in them has names."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        path = (*at, field.alias or name)
        if isinstance(value, BaseModel):
            yield from tellable(value, path)
        elif isinstance(value, Enum):
            yield path, value.value
        elif isinstance(value, bool | int | float) or (isinstance(value, str) and value in _words(field.annotation)):
            yield path, value


def nested(values: Mapping[Path, Any]) -> dict[str, Any]:
    """As a document."""
    result: dict[str, Any] = {}
    for path, value in values.items():
        place = result
        for key in path[:-1]:
            place = place.setdefault(key, {})
        place[path[-1]] = value
    return result


def _words(annotation: Any) -> frozenset[str]:
    """Of the enumeration that a field's type is, or one of them."""
    if get_origin(annotation) is Literal:
        return frozenset(word for word in get_args(annotation) if isinstance(word, str))
    if get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        return frozenset().union(*(_words(choice) for choice in get_args(annotation)))
    return frozenset()
