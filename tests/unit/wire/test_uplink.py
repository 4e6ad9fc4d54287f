"""What a gateway and its hub tell each other beside summaries."""

import pytest

from gateway.errors import Invalid
from gateway.wire.summary import Stream
from gateway.wire.uplink import (
    Desired,
    Hello,
    ImageTarget,
    ModelTarget,
    Offer,
    Receipt,
    Refusal,
    Run,
    UplinkTopics,
    dump,
    load,
)

TOPICS = UplinkTopics(gateway="a" * 48)
MESSAGES = (
    Hello(online=True, instance="0" * 32, epoch=1, version="0.1.0"),
    Receipt(
        kept=(Run(stream=Stream.EVENTS, epoch=1, first=1, last=9),),
        refused=(Refusal(stream=Stream.EVENTS, epoch=1, seq=10, key="summary_invalid"),),
    ),
    Desired(version=3, patch={"climate": {"pause_s": 600}}),
    Offer(
        campaign=1,
        target=ModelTarget(url="https://hub.example/m", sha256="0" * 64, model="thermostat_v1", serial=2),
    ),
)


def test_topics_fit_every_broker() -> None:
    whole = [
        *(TOPICS.stream(stream) for stream in Stream),
        *(TOPICS.hello, TOPICS.receipt, TOPICS.notice, TOPICS.desired, TOPICS.reported, TOPICS.offer, TOPICS.progress),
    ]
    assert len(set(whole)) == len(whole)
    assert all(topic.count("/") <= 7 and len(topic) <= 128 for topic in whole)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_back(message: Hello) -> None:
    assert load(type(message), dump(message)) == message


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b'{"online": 1}', b'{"extra": 1}', b"\xff\x00"])
def test_what_is_no_message(raw: bytes) -> None:
    with pytest.raises(Invalid, match="message_invalid"):
        load(Hello, raw)


def test_a_message_is_no_place_to_hide_things_in() -> None:
    with pytest.raises(Invalid, match="payload_too_large"):
        load(Desired, b'{"version":1,"patch":{"x":"' + b"y" * 70_000 + b'"}}')


@pytest.mark.parametrize("url", ["ftp://hub/x", "https://user:word@hub/x", "file:///etc/passwd"])
def test_a_target_is_on_the_web_and_holds_no_password(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        ImageTarget(url=url, sha256="0" * 64, version="1.0.0")
