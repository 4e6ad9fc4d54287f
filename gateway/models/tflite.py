"""Reading what operators a .tflite asks for, without a runtime: a bounds-checked walk of the FlatBuffer.

Format: the FlatBuffers "internals" page; Model field 1 = operator_codes, OperatorCode field 1 = custom_code.
"""

import struct
from collections.abc import Iterator
from mmap import mmap

from gateway.errors import Refused

IDENTIFIER = b"TFL3"
EDGE_TPU_OP = "edgetpu-custom-op"
_MOST_OPERATORS = 4096

Bytes = bytes | mmap


def compiled_for_tpu(data: Bytes) -> bool:
    """Whether the model was compiled for an Edge TPU and so cannot run on a processor."""
    return EDGE_TPU_OP in custom_operators(data)


def custom_operators(data: Bytes) -> frozenset[str]:
    """Names of the operators that are not TFLite's own. Raises `Refused("model_invalid")` for a damaged file."""
    try:
        if data[4:8] != IDENTIFIER:
            raise Refused("model_invalid", cause="not a TensorFlow Lite file")
        return frozenset(_custom_codes(data))
    except (struct.error, OverflowError):
        raise Refused("model_invalid", cause="the file points outside itself") from None


def _custom_codes(data: Bytes) -> Iterator[str]:
    codes = _child(data, _u32(data, 0), 1)
    if codes is None:
        return
    count = _u32(data, codes)
    if count > _MOST_OPERATORS:
        raise Refused("model_invalid", cause="too many operators")
    for index in range(count):
        place = codes + 4 + 4 * index
        name = _child(data, place + _u32(data, place), 1)
        if name is not None:
            length = min(_u32(data, name), 256)
            yield bytes(data[name + 4 : name + 4 + length]).decode("utf-8", "replace")


def _child(data: Bytes, table: int, field: int) -> int | None:
    """Where the vector or string in `field` of the table lies; None where the field is absent."""
    vtable = table - _i32(data, table)
    if 4 + 2 * field >= _u16(data, vtable):
        return None
    place = _u16(data, vtable + 4 + 2 * field)
    return table + place + _u32(data, table + place) if place else None


def _u16(data: Bytes, place: int) -> int:
    return _unpack("<H", data, place)


def _u32(data: Bytes, place: int) -> int:
    return _unpack("<I", data, place)


def _i32(data: Bytes, place: int) -> int:
    return _unpack("<i", data, place)


def _unpack(kind: str, data: Bytes, place: int) -> int:
    if place < 0:  # struct would count from the end
        raise struct.error("before the beginning")
    value: int = struct.unpack_from(kind, data, place)[0]
    return value
