"""Which topics a home may write to and listen on; the same rules as in the broker's access list (`broker.acl`)."""

from gateway.wire.summary import Stream
from gateway.wire.uplink import UplinkTopics


def writes(gateway: str) -> frozenset[str]:
    topics = UplinkTopics(gateway=gateway)
    return frozenset({topics.hello, topics.reported, topics.progress, *map(topics.stream, Stream)})


def reads(gateway: str) -> frozenset[str]:
    topics = UplinkTopics(gateway=gateway)
    return frozenset({topics.receipt, topics.notice, topics.desired, topics.offer})
