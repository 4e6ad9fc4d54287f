"""What leaves is chosen stream by stream, and nothing leaves without a place to go to."""

import pytest
from pydantic import ValidationError

from gateway.config.settings import Settings
from gateway.config.uplink import Tls, Uplink
from gateway.wire.summary import Stream


def uplink(**given: object) -> Uplink:
    return Settings.model_validate({"uplink": given}).uplink


def test_nothing_leaves_unless_there_is_a_hub() -> None:
    assert not uplink().enabled
    assert uplink(host="hub.example").enabled
    assert uplink(kafka={"brokers": ["kafka:9092"]}).enabled


def test_it_is_encrypted_unless_said_otherwise() -> None:
    assert uplink(host="hub.example").tls == Tls()
    assert uplink(host="localhost", tls="off").tls == "off"


def test_what_is_set_of_a_stream_goes_over_what_is_usual() -> None:
    given = uplink(host="h", streams={"devices": {"max_bytes": 20_000}, "presence": {"enabled": False}})
    devices = given.policy(Stream.DEVICES)
    assert (devices.max_bytes, devices.durability, devices.priority) == (20_000, "normal", 7)
    assert not given.policy(Stream.PRESENCE).enabled
    assert all(given.policy(stream).enabled for stream in Stream if stream is not Stream.PRESENCE)


def test_drops_are_told_first() -> None:
    assert min(Stream, key=lambda stream: Uplink().policy(stream).priority) is Stream.DROPS


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "mqtts://hub"},
        {"streams": {"gossip": {}}},
        {"streams": {"events": {"on_full": "block"}}},
        {"tls": {"cert_file": "gateway.pem"}},
        {"tls": "on"},
        {"kafka": {"brokers": []}},
        {"every_s": 61},
        {"every_s": 60, "privacy": {"epsilon_per_day": 1}},
    ],
)
def test_what_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        uplink(**wrong)
