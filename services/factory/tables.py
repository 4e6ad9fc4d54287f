"""Reading FlatBuffers tables without generated code, every read checked against the end of the file.

Format: the FlatBuffers "internals" page. The files are untrusted: whatever points outside raises.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.errors import Refused

MOST_ENTRIES = 1 << 16
"""No vector of a real model is longer, but for its weights, which are not walked."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of `data` at byte `place`; fields are numbers of the schema. Absent fields give the default.

    Every method raises `Refused("model_invalid")` where the file points outside itself.
    """

    data: bytes
    place: int

    def number(self, field: int, kind: str, default: int | float = 0) -> int | float:
        """A scalar; `kind` is its `struct` letter."""
        at = self._at(field)
        return default if at is None else _unpack(self.data, kind, at)

    def integer(self, field: int, kind: str, default: int = 0) -> int:
        return int(self.number(field, kind, default))

    def text(self, field: int) -> str:
        found = self._vector(field, "b")
        return "" if found is None else bytes(self.data[found[0] : found[0] + found[1]]).decode("utf-8", "replace")

    def numbers(self, field: int, kind: str) -> tuple[int | float, ...]:
        found = self._vector(field, kind)
        if found is None:
            return ()
        place, count = found
        if count > MOST_ENTRIES:
            raise Refused("model_invalid", cause="a list is too long")
        return struct.unpack_from(f"<{count}{kind}", self.data, place)

    def integers(self, field: int, kind: str = "i") -> tuple[int, ...]:
        return tuple(int(value) for value in self.numbers(field, kind))

    def length(self, field: int) -> int:
        """Of a vector of bytes."""
        found = self._vector(field, "b")
        return 0 if found is None else found[1]

    def table(self, field: int) -> "Table | None":
        at = self._at(field)
        return None if at is None else _followed(self.data, at)

    def tables(self, field: int) -> tuple["Table", ...]:
        return tuple(self._tables(field))

    def _tables(self, field: int) -> Iterator["Table"]:
        found = self._vector(field, "I")
        if found is None:
            return
        place, count = found
        if count > MOST_ENTRIES:
            raise Refused("model_invalid", cause="a list is too long")
        for index in range(count):
            yield _followed(self.data, place + 4 * index)

    def _vector(self, field: int, kind: str) -> tuple[int, int] | None:
        """Where the entries begin and how many there are; all of them lie within the file."""
        at = self._at(field)
        if at is None:
            return None
        vector = at + int(_unpack(self.data, "I", at))
        count = int(_unpack(self.data, "I", vector))
        if vector + 4 + count * struct.calcsize(f"<{kind}") > len(self.data):
            raise Refused("model_invalid", cause="the file points outside itself")
        return vector + 4, count

    def _at(self, field: int) -> int | None:
        vtable = self.place - int(_unpack(self.data, "i", self.place))
        if 4 + 2 * field >= int(_unpack(self.data, "H", vtable)):
            return None
        distance = int(_unpack(self.data, "H", vtable + 4 + 2 * field))
        return self.place + distance if distance else None


def root(data: bytes, identifier: bytes) -> Table:
    """The outermost table. Raises `Refused("model_invalid")` where the file does not carry `identifier`."""
    if data[4:8] != identifier:
        raise Refused("model_invalid", cause=f"not a {identifier.decode()} file")
    return _followed(data, 0)


def _followed(data: bytes, at: int) -> Table:
    return Table(data, at + int(_unpack(data, "I", at)))


def _unpack(data: bytes, kind: str, place: int) -> int | float:
    try:
        if place < 0:  # struct would count from the end
            raise struct.error
        value: int | float = struct.unpack_from(f"<{kind}", data, place)[0]
    except struct.error:
        raise Refused("model_invalid", cause="the file points outside itself") from None
    return value
