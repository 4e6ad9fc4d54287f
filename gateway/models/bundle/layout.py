"""What a bundle's file looks like, to the byte: a ZIP archive with nothing left to choose.

Members are stored one after the other, first manifest.json and signatures.json, then objects/<sha256> in order. No
compression, encryption, links, times, comments, extra fields or gaps (APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and
4.3.16). Whoever reads one builds the headers anew and compares: two readers cannot see different things in it.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.wire.model_card import MOST_BYTES

MANIFEST = "manifest.json"
SIGNATURES = "signatures.json"
OBJECTS = "objects/"
MOST_BUNDLE_BYTES = MOST_BYTES + (1 << 20)

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")

_VERSION = 20
_FIRST_OF_1980 = 0x21


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`crc` is that of ISO 3309 (zlib.crc32)."""

    name: str
    size: int
    crc: int

    @property
    def header(self) -> bytes:
        """What stands before its content."""
        sizes = (self.crc, self.size, self.size, len(self.name), 0)
        return LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, 0, _FIRST_OF_1980, *sizes) + self.name.encode("ascii")

    @property
    def span(self) -> int:
        """Bytes of header and content."""
        return LOCAL.size + len(self.name) + self.size


def tail(members: Sequence[Member]) -> bytes:
    """What follows the last member's content."""
    directory, offset = b"", 0
    for member in members:
        sizes = (member.crc, member.size, member.size, len(member.name), 0, 0, 0, 0, 0, offset)
        directory += CENTRAL.pack(b"PK\1\2", _VERSION, _VERSION, 0, 0, 0, _FIRST_OF_1980, *sizes)
        directory += member.name.encode("ascii")
        offset += member.span
    return directory + END.pack(b"PK\5\6", 0, 0, len(members), len(members), len(directory), offset, 0)
