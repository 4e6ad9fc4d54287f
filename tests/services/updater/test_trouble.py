"""What an error knows reaches a person in one line."""

import pytest

from gateway.errors import GatewayError, Refused, Transient
from services.updater.memory import MOST_DETAIL
from services.updater.trouble import told


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (Refused("wrong_board", bundle="hearthgate-rpi", board="rpi"), "bundle hearthgate-rpi; board rpi"),
        (Refused("disk_full", needed_bytes=(64 << 20) + 1, free_bytes=4 << 20), "needed 65 MB; free 4 MB"),
        (Refused("bundle_too_large", bytes=3 << 30), "3072 MB"),
        (Transient("bus_away", cause="no answer"), "no answer"),
        (Transient("memory_unwritable", cause=""), ""),
        (Refused("install_failed", detail="x" * 999), "x" * MOST_DETAIL),
    ],
)
def test_facts_are_named(error: GatewayError, line: str) -> None:
    assert told(error) == line
