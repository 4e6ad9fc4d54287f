"""The index of releases."""

import json

import pytest

from gateway.errors import Refused
from services.updater.sources.index import check_index, offered

URL = "https://releases.example.org/hearthgate/index.json"
OFFER = {"version": "0.2.0", "url": "hearthgate-rpi-0.2.0.raucb", "sha256": "a" * 64, "size": 10, "notes": "Better."}


def raw(**changes: object) -> bytes:
    return json.dumps({"hearthgate": 1, "channels": {"stable": {"rpi": {**OFFER, **changes}}}}).encode()


def test_an_address_is_seen_from_the_index() -> None:
    release = offered(raw(), URL, "rpi")
    assert release.url == "https://releases.example.org/hearthgate/hearthgate-rpi-0.2.0.raucb"
    assert (release.version, release.sha256, release.size) == ("0.2.0", "a" * 64, 10)


def test_a_later_index_may_say_more() -> None:
    assert offered(raw(also="this"), URL, "rpi").version == "0.2.0"


@pytest.mark.parametrize(
    "strange",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"hearthgate": 2, "channels": {}}',
        raw(version="latest"),
        raw(url="file:///etc/shadow"),
        raw(url="https://[broken"),
        raw(sha256="short"),
        raw(size=-1),
    ],
)
def test_what_is_no_index_is_refused(strange: bytes) -> None:
    with pytest.raises(Refused, match="index_invalid"):
        offered(strange, URL, "rpi")


def test_another_board_finds_nothing() -> None:
    with pytest.raises(Refused, match="index_without_board"):
        offered(raw(), URL, "x86_64")


def test_it_is_asked_where_nobody_else_can_answer() -> None:
    check_index(URL)
    check_index("http://127.0.0.1:8000/index.json")
    with pytest.raises(Refused, match="download_insecure"):
        check_index("http://releases.example.org/index.json")
