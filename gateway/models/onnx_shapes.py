"""Reading what an .onnx asks for, without a runtime: a bounds-checked walk of the protobuf.

Format: the "Encoding" page of Protocol Buffers; field numbers of onnx.proto (IR version 13).
"""

from collections.abc import Iterator

from gateway.errors import Refused

_ONNX_OWN = {b"", b"ai.onnx"}
_MOST_FIELDS = 1 << 20
_DEEPEST = 32

_CHILDREN = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""Messages within messages, by field number, as far as they matter here."""

_REFUSED = {
    ("model", 20): "training information",
    ("model", 25): "functions of its own",
    ("tensor", 13): "weights outside of the file",
    ("tensor", 14): "weights outside of the file",
}
"""What a model must not hold. External weights would be read from a place that the card does not vouch for."""


def check(data: bytes) -> None:
    """Raises `Refused("model_invalid")` for a damaged file, operators that are not ONNX's own, functions and
    weights outside of the file."""
    walk = _Walk()
    walk.visit("model", memoryview(data), 0)
    if not walk.graphs:
        raise _invalid("no graph in it")


class _Walk:
    def __init__(self) -> None:
        self.graphs = 0
        self._fields = 0

    def visit(self, kind: str, data: memoryview, depth: int) -> None:
        if depth > _DEEPEST:
            raise _invalid("nested too deeply")
        self.graphs += kind == "graph"
        for number, value in _fields(data):
            self._fields += 1
            if self._fields > _MOST_FIELDS:
                raise _invalid("too many parts")
            self._judge(kind, number, value)
            child = _CHILDREN[kind].get(number)
            if child is not None and isinstance(value, memoryview):
                self.visit(child, value, depth + 1)

    @staticmethod
    def _judge(kind: str, number: int, value: memoryview | int) -> None:
        if (kind, number) in _REFUSED and value != 0:
            raise _invalid(_REFUSED[kind, number])
        if (kind, number) == ("node", 7) and isinstance(value, memoryview) and bytes(value[:64]) not in _ONNX_OWN:
            raise _invalid(f"operators of {bytes(value[:64]).decode('utf-8', 'replace')}")


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Number and content of every field; content that is no varint is a slice of `data`."""
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise _invalid("not an ONNX file")
        if wire == 0:
            value, place = _varint(data, place)
            yield number, value
            continue
        length, place = _length(wire, data, place)
        if place + length > len(data):
            raise _invalid("the file points outside itself")
        yield number, data[place : place + length]
        place += length


def _length(wire: int, data: memoryview, place: int) -> tuple[int, int]:
    match wire:
        case 1:
            return 8, place
        case 2:
            return _varint(data, place)
        case 5:
            return 4, place
        case _:
            raise _invalid("not an ONNX file")


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            break
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise _invalid("the file points outside itself")


def _invalid(cause: str) -> Refused:
    return Refused("model_invalid", cause=cause)
