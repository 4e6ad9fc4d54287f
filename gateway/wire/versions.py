"""Which of two versions is newer.

By the numbers first, as in PEP 440: 1.2 is 1.2.0, 1.10 comes after 1.9. A pre-release (-rc1, .dev3) comes before the
version itself, what is built from it (+g1a2b, .post1) after it.
"""

import re

from gateway.wire.release import Version

_WORDS = re.compile(r"[0-9]+|[a-z]+")
_BEFORE = re.compile(r"-.*|\.(a|b|rc|dev)[0-9]*")

Order = tuple[tuple[int, ...], tuple[tuple[int, tuple[tuple[int, int, str], ...]], ...]]


def is_newer(version: Version, than: Version) -> bool:
    """Not where both are names of one version, as 1.2 and 1.2.0."""
    return order(version) > order(than)


def order(version: Version) -> Order:
    """Compares as the versions do."""
    match = re.match(r"[0-9]+(\.[0-9]+)*", version)
    assert match is not None, version
    numbers = [int(number) for number in match[0].split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    suffixes = re.findall(r"[-+.][a-z0-9]+", version[match.end() :])
    return tuple(numbers), (*(_suffix(part) for part in suffixes), (0, ()))


def _suffix(part: str) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    words = tuple((1, int(word), "") if word.isdigit() else (0, 0, word) for word in _WORDS.findall(part))
    return (-1 if _BEFORE.fullmatch(part) else 1), words
