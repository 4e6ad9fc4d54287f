"""What the hub sends to a client (§3), as bytes. `level` is the client's own, see `packets`."""

from services.hub.door.fields import text, u16, u32, varint
from services.hub.door.packets import V5
from services.hub.door.properties import Property
from services.hub.door.reasons import Reason, return_code

PINGRESP = bytes((0xD0, 0))


def connack(reason: Reason, level: int, properties: bytes = b"") -> bytes:
    """§3.2. No session is ever kept: what a client must still know it is told when it subscribes."""
    if level != V5:
        return bytes((0x20, 2, 0, return_code(reason)))
    return packet(0x20, bytes((0, reason)) + varint(len(properties)) + properties)


def terms(*, receive_maximum: int, most_bytes: int, keepalive_s: int, assigned_id: str | None) -> bytes:
    """Properties of CONNACK: what the hub does and does not do (§3.2.2.3)."""
    offered = (
        bytes((Property.RECEIVE_MAXIMUM,))
        + u16(receive_maximum)
        + bytes((Property.MOST_BYTES,))
        + u32(most_bytes)
        + bytes((Property.SERVER_KEEPALIVE,))
        + u16(keepalive_s)
        + bytes((Property.MOST_QOS, 1, Property.WILDCARDS, 0, Property.SUBSCRIPTION_IDS, 0, Property.SHARED, 0))
        + bytes((Property.SESSION_EXPIRY,))
        + u32(0)
    )
    return offered if assigned_id is None else offered + bytes((Property.ASSIGNED_ID,)) + text(assigned_id)


def publish(topic: str, payload: bytes, level: int, *, retain: bool) -> bytes:
    """§3.3, at QoS 0."""
    properties = b"\0" if level == V5 else b""
    return packet(0x31 if retain else 0x30, text(topic) + properties + payload)


def puback(mid: int, reason: Reason, level: int) -> bytes:
    """§3.4; a client of MQTT 3.1.1 cannot be told a reason."""
    if level != V5 or reason is Reason.SUCCESS:
        return packet(0x40, u16(mid))
    return packet(0x40, u16(mid) + bytes((reason,)))


def suback(mid: int, granted: list[bool], level: int) -> bytes:
    """§3.9; QoS 0 where granted."""
    no = Reason.NOT_AUTHORISED if level == V5 else 0x80
    return packet(0x90, u16(mid) + (b"\0" if level == V5 else b"") + bytes(0 if yes else no for yes in granted))


def unsuback(mid: int, count: int, level: int) -> bytes:
    """§3.11."""
    return packet(0xB0, u16(mid) + (bytes(1 + count) if level == V5 else b""))


def disconnect(reason: Reason, level: int) -> bytes:
    """§3.14; with MQTT 3.1.1 a server says nothing before it hangs up."""
    return bytes((0xE0, 1, reason)) if level == V5 else b""


def packet(head: int, body: bytes) -> bytes:
    """§2.1: `head` is type and flags."""
    return bytes((head,)) + varint(len(body)) + body
