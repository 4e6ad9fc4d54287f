"""What a worker listens to, and the ids its subscriptions carry."""

from collections.abc import Iterator

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from gateway.wire.uplink import ROOT

SHARED_ID, RETAINED_ID = 1, 2

ENDS = ("s/+", "hello", "twin/reported", "campaign/progress")
"""Of the topics gateways write to."""

Request = tuple[list[tuple[str, SubscribeOptions]], Properties]


def requests(group: str) -> Iterator[Request]:
    """Every message to one worker of `group` (MQTT 5, §4.8.2). By the standard nothing that is retained comes over a
    shared subscription (from Mosquitto 2.0.11 it does), so each worker asks for the hellos once more; of those only
    what was there before counts, see `is_twice`."""
    shared = [(f"$share/{group}/{ROOT}/+/{end}", SubscribeOptions(qos=1)) for end in ENDS]
    yield shared, _numbered(SHARED_ID)
    yield [(f"{ROOT}/+/hello", SubscribeOptions(qos=1))], _numbered(RETAINED_ID)


def is_twice(properties: Properties | None, *, retain: bool) -> bool:
    """Whether a hello that came just now reaches some worker over its shared subscription as well."""
    ids = getattr(properties, "SubscriptionIdentifier", [])
    return RETAINED_ID in ids and not retain


def _numbered(number: int) -> Properties:
    properties = Properties(PacketTypes.SUBSCRIBE)  # type: ignore[no-untyped-call]  # paho is typed in part
    properties.SubscriptionIdentifier = number
    return properties
