"""Which bytes a request asks for (RFC 9110, sections 13.1.5 and 14). Pure."""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=([0-9]{0,12})-([0-9]{0,12})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """From `first` to `last`, both included, of `size`; `last` is -1 where there is nothing."""

    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    @property
    def content_range(self) -> str:
        return f"bytes {self.first}-{self.last}/{self.size}"


def whole(size: int) -> Part:
    return Part(first=0, last=size - 1, size=size)


def part(header: str | None, if_range: str | None, etag: str, size: int) -> Part | None:
    """None for the whole: nothing was asked for, several ranges, nonsense, or of another version than `etag` (whose
    date is never believed). Raises ValueError where nothing of it is there (416)."""
    match = None if header is None or if_range not in {None, etag} else _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        wanted = min(int(last), size)
        if not wanted:
            raise ValueError(header)
        return Part(first=size - wanted, last=size - 1, size=size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise ValueError(header)
    return Part(first=int(first), last=min(int(last or size), size - 1), size=size)
