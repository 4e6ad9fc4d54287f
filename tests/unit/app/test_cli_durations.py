import argparse

import pytest

from gateway.app.cli_parser import seconds


@pytest.mark.parametrize(("text", "expected"), [("30", 30), ("30s", 30), ("2m", 120), ("1.5h", 5400)])
def test_durations_are_read_as_people_write_them(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "s", "-3s", "3 d", "nan"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        seconds(text)
