"""Writing FlatBuffers tables without generated code: a field is its number in the public schema.

Format: the FlatBuffers "internals" page; every helper returns an offset into the builder.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import flatbuffers  # type: ignore[import-untyped]

Number = TypeVar("Number", int, float)

ALIGNMENT = 16
"""TFLite maps weights in place; its kernels expect buffers on 16 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One field: `put` is the builder's method for its type, `value` what to store, `default` what is left out."""

    put: str
    value: int | bool
    default: int | bool = 0


def byte(value: int) -> Slot:
    return Slot(put="PrependInt8Slot", value=value)


def ubyte(value: int) -> Slot:
    return Slot(put="PrependUint8Slot", value=value)


def int32(value: int, default: int = 0) -> Slot:
    return Slot(put="PrependInt32Slot", value=value, default=default)


def uint32(value: int) -> Slot:
    return Slot(put="PrependUint32Slot", value=value)


def flag(value: bool) -> Slot:
    return Slot(put="PrependBoolSlot", value=value, default=False)


def offset(value: int) -> Slot:
    return Slot(put="PrependUOffsetTRelativeSlot", value=value)


def table(builder: flatbuffers.Builder, size: int, fields: Mapping[int, Slot]) -> int:
    """A table of `size` declared fields. Children must have been written before."""
    builder.StartObject(size)
    for number, slot in fields.items():
        getattr(builder, slot.put)(number, slot.value, slot.default)
    return int(builder.EndObject())


def offsets(builder: flatbuffers.Builder, values: Sequence[int]) -> int:
    """A vector of tables or strings."""
    return _vector(builder, values, builder.PrependUOffsetTRelative)


def int32s(builder: flatbuffers.Builder, values: Sequence[int]) -> int:
    return _vector(builder, values, builder.PrependInt32)


def float32s(builder: flatbuffers.Builder, values: Sequence[float]) -> int:
    return _vector(builder, values, builder.PrependFloat32)


def int64s(builder: flatbuffers.Builder, values: Sequence[int]) -> int:
    return _vector(builder, values, builder.PrependInt64, size=8)


def blob(builder: flatbuffers.Builder, data: bytes) -> int:
    """A vector of bytes that begins on `ALIGNMENT`."""
    builder.StartVector(1, len(data), ALIGNMENT)
    builder.head -= len(data)
    builder.Bytes[builder.head : builder.head + len(data)] = data
    return int(builder.EndVector())


def _vector(
    builder: flatbuffers.Builder, values: Sequence[Number], prepend: Callable[[Number], None], size: int = 4
) -> int:
    builder.StartVector(size, len(values), size)
    for value in reversed(values):
        prepend(value)
    return int(builder.EndVector())
