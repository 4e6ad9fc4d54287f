"""Ranges as RFC 9110 has them."""

import pytest

from services.hub.registry.ranges import Part, part

TAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=0-0", 0, 0),
        ("bytes=90-", 90, 99),
        ("bytes=90-1000", 90, 99),
        ("bytes=-10", 90, 99),
        ("bytes=-1000", 0, 99),
        (" bytes=5-6 ", 5, 6),
    ],
)
def test_a_part(header: str, first: int, last: int) -> None:
    assert part(header, None, TAG, 100) == Part(first=first, last=last, size=100)
    assert part(header, TAG, TAG, 100) == Part(first=first, last=last, size=100)
    assert part(header, '"old"', TAG, 100) is None
    assert part(header, f"W/{TAG}", TAG, 100) is None
    assert part(header, "Sat, 21 Nov 2026 12:00:00 GMT", TAG, 100) is None


@pytest.mark.parametrize(
    "header", [None, "", "bytes=-", "bytes=5-4", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", "bytes=\u0663-\u0664"]
)
def test_the_whole(header: str | None) -> None:
    assert part(header, None, TAG, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_nothing_of_it(header: str) -> None:
    with pytest.raises(ValueError, match="bytes"):
        part(header, None, TAG, 100)
