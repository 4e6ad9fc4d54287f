"""Damage for tests, the same for the same seed."""

import os
import random
from collections.abc import Iterator

ROUNDS = int(os.environ.get("HEARTHGATE_FUZZ", "10000"))

_TOKENS = (
    b"-1",
    b"1e999",
    b"null",
    b"[]",
    b"{}",
    b'"../../etc/passwd"',
    b"NaN",
    b"99999999999999999999",
    b'"\\u0000"',
    b"\xff",
)


def mutations(data: bytes, rounds: int, seed: int) -> Iterator[bytes]:
    """`rounds` of them, none like `data`: flipped, cut, zeroed, doubled, or with a foreign token put in."""
    source = random.Random(seed)
    while rounds:
        found = bytearray(data)
        for _ in range(source.choice((1, 1, 1, 2, 8))):
            _damage(found, source)
        if found != data:
            rounds -= 1
            yield bytes(found)


def _damage(data: bytearray, source: random.Random) -> None:
    at = source.randrange(len(data) + 1)
    to = min(len(data), at + source.choice((1, 4, 40, 4000)))
    match source.randrange(6):
        case 0:
            data[at:to] = bytes(to - at)
        case 1:
            del data[at:to]
        case 2:
            del data[at:]
        case 3:
            data[at:at] = data[at:to]
        case 4:
            data[at : at + source.choice((0, 1, 4))] = source.choice(_TOKENS)
        case _:
            for place in range(at, min(to, at + 4)):
                data[place] ^= 1 << source.randrange(8)
