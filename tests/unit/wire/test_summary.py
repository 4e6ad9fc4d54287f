"""Nothing private has a field to travel in: the union of summaries is walked, down to the last type."""

import enum
import types
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from annotated_types import Ge, Le, MultipleOf
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from gateway.types import Kind
from gateway.wire import summary
from gateway.wire.summary import STREAM_OF, SUMMARY, EventCount, Presence, Stream, Summary

IDS = {
    r"^[a-z0-9][a-z0-9_-]{0,47}$": "of a thing",
    r"^[a-z0-9][a-z0-9_.-]{0,63}$": "of a model",
    r"^[0-9]{1,6}(\.[0-9]{1,6}){0,3}([-+.][a-z0-9]{1,16}){0,2}$": "a version",
}
"""All text there is. Whoever adds a pattern here must be sure that nobody's name or words fit into it."""


def kinds() -> tuple[type[BaseModel], ...]:
    union, _discriminator = typing.get_args(Summary)
    return typing.get_args(union)


def leaves(annotation: Any) -> Iterator[Any]:
    """What a field's type comes down to."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield annotation
    elif origin in (typing.Union, types.UnionType):
        for choice in typing.get_args(annotation):
            yield from leaves(choice)
    else:
        yield annotation


def harmless(leaf: Any, metadata: list[Any]) -> bool:
    """Whether it can carry nothing but a bounded number, a word of a closed list or the id of a thing."""
    if typing.get_origin(leaf) is typing.Annotated:
        inner, *more = typing.get_args(leaf)
        metadata = [part for field in more for part in (field.metadata if isinstance(field, FieldInfo) else [field])]
        return harmless(inner, metadata)
    if leaf in (bool, type(None)) or typing.get_origin(leaf) is typing.Literal:
        return True
    if isinstance(leaf, type) and issubclass(leaf, enum.Enum):
        return True
    if leaf is str:
        return any(getattr(part, "pattern", None) in IDS for part in metadata)
    if leaf in (int, float):
        return {Ge, Le} <= {type(part) for part in metadata if isinstance(part, (Ge, Le, MultipleOf))}
    return False


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_no_field_can_carry_words_pictures_or_embeddings(kind: type[BaseModel]) -> None:
    assert kind.model_config["extra"] == "forbid"
    for name, field in kind.model_fields.items():
        for leaf in leaves(field.annotation):
            assert harmless(leaf, list(field.metadata)), f"{kind.__name__}.{name}: {leaf}"


@pytest.mark.parametrize("wrong", [str, bytes, list[float], dict[str, float], Any, float, object])
def test_the_walk_would_notice(wrong: Any) -> None:
    assert not all(harmless(leaf, []) for leaf in leaves(wrong))


def test_every_kind_has_one_stream_and_the_union_is_closed() -> None:
    told = {kind.model_fields["kind"].default for kind in kinds()}
    assert told == set(STREAM_OF)
    assert set(STREAM_OF.values()) == set(Stream)
    defined = {
        thing
        for thing in vars(summary).values()
        if isinstance(thing, type) and issubclass(thing, BaseModel) and "kind" in thing.model_fields
    }
    assert defined == set(kinds())


def test_what_is_told_comes_back() -> None:
    told = Presence(hour=1_800_000_000 // 3600 * 3600, room="kitchen", minutes=12.5)
    assert SUMMARY.validate_json(told.model_dump_json()) == told


@pytest.mark.parametrize(
    "hostile",
    [
        {"kind": "presence", "hour": 0, "room": "Anna was here at nine", "minutes": 1},
        {"kind": "presence", "hour": 0, "room": "a" * 49, "minutes": 1},
        {"kind": "presence", "hour": 1, "room": "kitchen", "minutes": 1},
        {"kind": "presence", "hour": 0, "room": "kitchen", "minutes": 61},
        {"kind": "presence", "hour": 0, "room": "kitchen", "minutes": float("nan")},
        {"kind": "presence", "hour": 0, "room": "kitchen", "minutes": 1, "note": "x"},
        {"kind": "event_count", "hour": 0, "of": "anna.came", "count": 1},
        {"kind": "picture", "hour": 0},
        {"hour": 0},
    ],
)
def test_what_is_no_summary_is_refused(hostile: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SUMMARY.validate_python(hostile)


def test_events_are_counted_by_kind_only() -> None:
    assert TypeAdapter(Summary).json_schema()["$defs"]["Kind"]["enum"] == [kind.value for kind in Kind]
    assert set(EventCount.model_fields) == {"hour", "kind", "of", "count", "noisy"}
