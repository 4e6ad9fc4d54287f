"""The data representations of MQTT 5, §1.5, read from bytes a stranger sent and written for one."""

import struct

from services.hub.door.reasons import Broken, Reason

_MOST_VARINT = 268_435_455
_U16 = struct.Struct(">H")
_U32 = struct.Struct(">I")


class Fields:
    """Reads on through one packet. Every method raises `Broken("packet_malformed")` where the packet ends too early
    or holds what its type does not allow, and nothing else."""

    __slots__ = ("_at", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._raw) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise malformed()
        self._at += count
        return self._raw[self._at - count : self._at]

    def rest(self) -> bytes:
        return self.take(self.left)

    def u8(self) -> int:
        return self.take(1)[0]

    def u16(self) -> int:
        return int(_U16.unpack(self.take(2))[0])

    def u32(self) -> int:
        return int(_U32.unpack(self.take(4))[0])

    def varint(self) -> int:
        """§1.5.5; the shortest form is demanded there ([MQTT-1.5.5-1])."""
        value = 0
        for place in range(4):
            byte = self.u8()
            value |= (byte & 0x7F) << (7 * place)
            if not byte & 0x80:
                if place and not byte:
                    raise malformed()
                return value
        raise malformed()

    def binary(self) -> bytes:
        return self.take(self.u16())

    def text(self) -> str:
        """§1.5.4: no surrogates and no U+0000 ([MQTT-1.5.4-1], [MQTT-1.5.4-2])."""
        try:
            text = self.binary().decode()
        except UnicodeDecodeError:
            raise malformed() from None
        if "\0" in text:
            raise malformed()
        return text


def malformed() -> Broken:
    return Broken("packet_malformed", Reason.MALFORMED)


def u16(value: int) -> bytes:
    return _U16.pack(value)


def u32(value: int) -> bytes:
    return _U32.pack(value)


def varint(value: int) -> bytes:
    """Raises `ValueError` above 268,435,455, which nothing here ever reaches."""
    if not 0 <= value <= _MOST_VARINT:
        raise ValueError("no variable byte integer")
    out = bytearray()
    while True:
        value, byte = divmod(value, 128)
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def text(value: str) -> bytes:
    raw = value.encode()
    return u16(len(raw)) + raw
