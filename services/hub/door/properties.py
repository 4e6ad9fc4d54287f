"""Properties of MQTT 5, §2.2.2: read by their types, and only where their packet may carry them."""

from collections.abc import Callable
from enum import IntEnum

from services.hub.door.fields import Fields, malformed
from services.hub.door.reasons import Broken, Reason


class Property(IntEnum):
    PAYLOAD_FORMAT = 0x01
    MESSAGE_EXPIRY = 0x02
    CONTENT_TYPE = 0x03
    RESPONSE_TOPIC = 0x08
    CORRELATION = 0x09
    SUBSCRIPTION_ID = 0x0B
    SESSION_EXPIRY = 0x11
    ASSIGNED_ID = 0x12
    SERVER_KEEPALIVE = 0x13
    AUTH_METHOD = 0x15
    AUTH_DATA = 0x16
    WANTS_PROBLEMS = 0x17
    WILL_DELAY = 0x18
    WANTS_RESPONSES = 0x19
    SERVER_REFERENCE = 0x1C
    REASON = 0x1F
    RECEIVE_MAXIMUM = 0x21
    ALIAS_MAXIMUM = 0x22
    ALIAS = 0x23
    MOST_QOS = 0x24
    USER = 0x26
    MOST_BYTES = 0x27
    WILDCARDS = 0x28
    SUBSCRIPTION_IDS = 0x29
    SHARED = 0x2A


Value = int | str | bytes
Properties = dict[Property, Value]

_Reader = Callable[[Fields], Value]
_P = Property
_TYPES: dict[Property, _Reader] = {
    **dict.fromkeys((_P.PAYLOAD_FORMAT, _P.WANTS_PROBLEMS, _P.WANTS_RESPONSES), Fields.u8),
    **dict.fromkeys((_P.RECEIVE_MAXIMUM, _P.ALIAS_MAXIMUM, _P.ALIAS), Fields.u16),
    **dict.fromkeys((_P.MESSAGE_EXPIRY, _P.SESSION_EXPIRY, _P.WILL_DELAY, _P.MOST_BYTES), Fields.u32),
    **dict.fromkeys((_P.CORRELATION, _P.AUTH_DATA), Fields.binary),
    **dict.fromkeys((_P.CONTENT_TYPE, _P.RESPONSE_TOPIC, _P.AUTH_METHOD, _P.REASON, _P.SERVER_REFERENCE), Fields.text),
    _P.SUBSCRIPTION_ID: Fields.varint,
}

CONNECT = frozenset(
    {
        _P.SESSION_EXPIRY,
        _P.RECEIVE_MAXIMUM,
        _P.MOST_BYTES,
        _P.ALIAS_MAXIMUM,
        _P.WANTS_PROBLEMS,
        _P.WANTS_RESPONSES,
        _P.AUTH_METHOD,
        _P.AUTH_DATA,
    }
)
_MESSAGE = frozenset({_P.PAYLOAD_FORMAT, _P.MESSAGE_EXPIRY, _P.CONTENT_TYPE, _P.RESPONSE_TOPIC, _P.CORRELATION})
WILL = _MESSAGE | {_P.WILL_DELAY}
PUBLISH = _MESSAGE | {_P.ALIAS}
SUBSCRIBE = frozenset({_P.SUBSCRIPTION_ID})
UNSUBSCRIBE: frozenset[Property] = frozenset()
DISCONNECT = frozenset({_P.SESSION_EXPIRY, _P.REASON, _P.SERVER_REFERENCE})


def read(fields: Fields, allowed: frozenset[Property]) -> Properties:
    """User properties are passed over. Raises `Broken` ("packet_malformed", "property_wrong")."""
    inside = Fields(fields.take(fields.varint()))
    found: Properties = {}
    while inside.left:
        number = inside.varint()
        if number == _P.USER:
            inside.text()
            inside.text()
            continue
        name = _known(number, allowed)
        if name in found:
            raise Broken("property_wrong", Reason.PROTOCOL_ERROR)
        found[name] = _TYPES[name](inside)
    return found


def _known(number: int, allowed: frozenset[Property]) -> Property:
    try:
        name = Property(number)
    except ValueError:
        raise malformed() from None
    if name not in allowed:
        raise Broken("property_wrong", Reason.PROTOCOL_ERROR)
    return name
