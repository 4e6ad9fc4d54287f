"""From bytes to packets, checked once. Raises `Broken` and nothing else, whatever comes."""

from services.hub.door import properties
from services.hub.door.fields import Fields, malformed
from services.hub.door.packets import (
    V5,
    V311,
    Connect,
    Disconnect,
    Message,
    Packet,
    Ping,
    Publish,
    Subscribe,
    Unsubscribe,
)
from services.hub.door.properties import Properties, Property
from services.hub.door.reasons import Broken, Reason

MOST_FILTERS = 50


def decode(head: int, body: bytes, level: int) -> Packet:
    """`head` is the first byte of the packet, `body` what follows its length; `level` counts from CONNECT on."""
    kind, flags = head >> 4, head & 0x0F
    if kind == 3:
        return _publish(flags, Fields(body), level)
    if flags != (2 if kind in {8, 10} else 0):  # table 2-2
        raise malformed()
    match kind:
        case 1:
            return _connect(Fields(body))
        case 8:
            return _subscribe(Fields(body), level)
        case 10:
            return _unsubscribe(Fields(body), level)
        case 12 if not body:
            return Ping()
        case 14:
            return _disconnect(Fields(body), level)
        case 12 | 0:
            raise malformed()
        case _:  # QoS 2 and answers to messages that were never sent at QoS 1, and AUTH without a method
            raise Broken("packet_unexpected", Reason.PROTOCOL_ERROR)


def _connect(fields: Fields) -> Connect:
    """§3.1."""
    if fields.text() != "MQTT" or (level := fields.u8()) not in {V311, V5}:
        raise Broken("mqtt_version", Reason.VERSION)
    flags, keepalive_s = fields.u8(), fields.u16()
    if flags & 1 or (not flags & 0x04 and flags & 0x38) or flags & 0x18 == 0x18:
        raise malformed()
    told = properties.read(fields, properties.CONNECT) if level == V5 else {}
    if Property.AUTH_METHOD in told:
        raise Broken("auth_method", Reason.AUTH_METHOD)
    client_id = fields.text()
    will = _will(fields, flags, level) if flags & 0x04 else None
    user = fields.text() if flags & 0x80 else None
    password = _password(fields) if flags & 0x40 else None
    if fields.left:
        raise malformed()
    return Connect(
        level=level,
        client_id=client_id,
        clean=bool(flags & 2),
        keepalive_s=keepalive_s,
        user=user,
        password=password,
        will=will,
        most_bytes=_above_zero(told, Property.MOST_BYTES),
    )


def _will(fields: Fields, flags: int, level: int) -> Message:
    if level == V5:
        properties.read(fields, properties.WILL)
    topic = _topic(fields.text())
    return Message(topic=topic, payload=fields.binary(), qos=flags >> 3 & 3, retain=bool(flags & 0x20))


def _password(fields: Fields) -> str:
    try:
        return fields.binary().decode()
    except UnicodeDecodeError:
        raise Broken("credentials_wrong", Reason.CREDENTIALS) from None


def _above_zero(told: Properties, name: Property) -> int | None:
    """§3.1.2.11.4: zero is a protocol error."""
    value = told.get(name)
    if value == 0:
        raise Broken("property_wrong", Reason.PROTOCOL_ERROR)
    return value if isinstance(value, int) else None


def _publish(flags: int, fields: Fields, level: int) -> Publish:
    """§3.3. QoS 2 was not offered in CONNACK, nor topic aliases."""
    qos = flags >> 1 & 3
    if qos == 3 or (flags & 8 and not qos):
        raise malformed()
    if qos == 2:
        raise Broken("qos_unsupported", Reason.QOS)
    topic = fields.text()
    mid = _mid(fields) if qos else 0
    if level == V5 and Property.ALIAS in properties.read(fields, properties.PUBLISH):
        raise Broken("topic_alias", Reason.TOPIC_ALIAS)
    message = Message(topic=_topic(topic), payload=fields.rest(), qos=qos, retain=bool(flags & 1))
    return Publish(message=message, mid=mid)


def _topic(topic: str) -> str:
    """§4.7: a name, not a filter."""
    if not topic or "+" in topic or "#" in topic:
        raise Broken("topic_invalid", Reason.TOPIC)
    return topic


def _subscribe(fields: Fields, level: int) -> Subscribe:
    """§3.8. Whatever QoS is asked for, 0 is granted: over a connection that lives nothing is lost."""
    mid = _mid(fields)
    if level == V5:
        properties.read(fields, properties.SUBSCRIBE)
    filters = []
    while fields.left:
        filters.append(fields.text())
        options = fields.u8()
        if options & 3 == 3 or options & (0xC0 if level == V5 else 0xFC):
            raise malformed()
    return Subscribe(mid=mid, filters=_some(filters))


def _unsubscribe(fields: Fields, level: int) -> Unsubscribe:
    mid = _mid(fields)
    if level == V5:
        properties.read(fields, properties.UNSUBSCRIBE)
    filters = []
    while fields.left:
        filters.append(fields.text())
    return Unsubscribe(mid=mid, filters=_some(filters))


def _some(filters: list[str]) -> tuple[str, ...]:
    if not 1 <= len(filters) <= MOST_FILTERS:
        raise Broken("filters_count", Reason.PROTOCOL_ERROR)
    return tuple(filters)


def _mid(fields: Fields) -> int:
    mid = fields.u16()
    if not mid:  # [MQTT-2.2.1-3], [MQTT-2.2.1-4]
        raise malformed()
    return mid


def _disconnect(fields: Fields, level: int) -> Disconnect:
    """§3.14; the reason and the properties may be left out."""
    if level != V5 or not fields.left:
        if fields.left:
            raise malformed()
        return Disconnect()
    reason = fields.u8()
    if fields.left:
        properties.read(fields, properties.DISCONNECT)
    return Disconnect(with_will=reason != Reason.SUCCESS)
