"""What can still be made of a message that is not understood: a gateway may be newer than its hub."""

import json

from gateway.errors import Invalid
from gateway.wire.envelope import MOST_BYTES, ParcelId
from gateway.wire.uplink import WIRE


def told_id(payload: bytes) -> ParcelId | None:
    """What a summary that is not understood calls itself, so that its gateway can be told to let go of it."""
    body = _object(payload)
    try:
        return ParcelId.of(str(body.get("id")))
    except Invalid:
        return None


def too_new(payload: bytes) -> bool:
    """A `Hello` of a later wire may have fields nobody here knows; who sends it must still learn why it is not had."""
    wire = _object(payload).get("wire")
    return type(wire) is int and wire > WIRE


def _object(payload: bytes) -> dict[str, object]:
    if len(payload) > MOST_BYTES:
        return {}
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
