"""Every way the uplink can fail is told in a sentence."""

import re
from pathlib import Path

import pytest

import gateway.uplink
from gateway.errors import Refused, Transient
from gateway.uplink.words import sentence

_FOLDER = Path(gateway.uplink.__file__).parent
_KEYS = sorted(
    {
        key
        for folder in ("drain", "transports")
        for file in (_FOLDER / folder).glob("*.py")
        for key in re.findall(r'"((?:uplink|kafka|tls)_[a-z_]+)"', file.read_text(encoding="utf-8"))
    }
)


@pytest.mark.parametrize("key", _KEYS)
def test_every_key_has_a_sentence(key: str) -> None:
    told = sentence(Refused(key))
    assert re.fullmatch(r"[A-Z][^_]+[.?]", told), told


def test_there_are_keys_to_look_at() -> None:
    assert {"uplink_stalled", "uplink_duplicate", "uplink_certificate", "uplink_dns"} <= set(_KEYS)


def test_facts_are_told_and_the_unknown_is_named_by_its_key() -> None:
    assert sentence(Transient("uplink_unreachable", reason="no route")).endswith("(reason: no route)")
    assert sentence(Transient("disk_full", free=0)) == "disk_full (free=0)"
