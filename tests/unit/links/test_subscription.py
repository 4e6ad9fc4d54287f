"""A subscription takes what matches, is bounded, and ends after what is waiting."""

from gateway.flow.board import Counters
from gateway.links.subscription import MqttMessage, Subscription


def message(topic: str, payload: bytes = b"1") -> MqttMessage:
    return MqttMessage(topic=topic, payload=payload)


async def test_takes_only_what_matches_a_filter() -> None:
    subscription = Subscription(("house/+/state", "house/door/#"), 10, Counters())
    for topic in ("house/lamp/state", "house/lamp/set", "house/door/a/b", "garden/lamp/state"):
        subscription.offer(message(topic))
    subscription.close()
    assert [taken.topic async for taken in subscription] == ["house/lamp/state", "house/door/a/b"]


async def test_a_slow_reader_loses_the_oldest_and_it_is_counted() -> None:
    counters = Counters()
    subscription = Subscription(("#",), 2, counters)
    for payload in (b"1", b"2", b"3", b"4"):
        subscription.offer(message("a", payload))
    subscription.close()
    assert [taken.payload async for taken in subscription] == [b"3", b"4"]
    assert (subscription.dropped, counters.get("mqtt.dropped")) == (2, 2)


async def test_a_closed_subscription_takes_nothing_more_and_tells_its_owner_once() -> None:
    closed: list[Subscription] = []
    subscription = Subscription(("#",), 2, Counters(), closed.append)
    subscription.close()
    subscription.close()
    subscription.offer(message("a"))
    assert closed == [subscription]
    assert [taken async for taken in subscription] == []
