"""Whose a topic is, and what it is about."""

import re

from gateway.errors import Invalid
from gateway.wire.summary import Stream
from gateway.wire.uplink import ROOT
from services.hub.fleet.homes import ID

HELLO, REPORTED, PROGRESS = "hello", "twin/reported", "campaign/progress"
STREAM = "s/"

_TOPIC = re.compile(rf"{ROOT}/({ID})/(.{{1,64}})")
_TAILS = frozenset({HELLO, REPORTED, PROGRESS, *(STREAM + stream.value for stream in Stream)})


def split(topic: str) -> tuple[str, str]:
    """The gateway's id and the rest, which is one of those a gateway writes to. Raises `Invalid` ("topic_unknown")."""
    match = _TOPIC.fullmatch(topic)
    if match is None or match[2] not in _TAILS:
        raise Invalid("topic_unknown")
    return match[1], match[2]
