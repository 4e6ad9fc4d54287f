"""Packets of strangers: whatever the bytes, the answer is a packet or `Broken`, soon and within bounds."""

import asyncio
import random

import pytest

from services.hub.door import answers
from services.hub.door.decode import decode
from services.hub.door.fields import Fields, text, u16, u32, varint
from services.hub.door.framing import Framing
from services.hub.door.packets import V5, V311, Connect, Disconnect, Ping, Publish, Subscribe, Unsubscribe
from services.hub.door.reasons import Broken, Reason

from .house import connect_packet, packet, publish_packet, subscribe_packet

WILL = ("gw/v1/home1/hello", b'{"online":false}')

GOOD = [
    (connect_packet(will=WILL), V5),
    (connect_packet(level=4, will=WILL), V311),
    (publish_packet("gw/v1/home1/s/presence", b"x" * 300, 7), V5),
    (publish_packet("gw/v1/home1/s/presence", b"x" * 300, level=4), V311),
    (subscribe_packet(1, "gw/v1/home1/receipt", "gw/v1/home1/notice"), V5),
    (subscribe_packet(1, "gw/v1/home1/receipt", level=4), V311),
    (packet(0xA2, u16(3) + b"\0" + text("gw/v1/home1/receipt")), V5),
    (packet(0xE0, b"\x04\x05\x11" + u32(60)), V5),
    (packet(0xC0, b""), V5),
]


def parts(raw: bytes) -> tuple[int, bytes]:
    fields = Fields(raw)
    head = fields.u8()
    return head, fields.take(fields.varint())


def test_every_good_packet_is_read() -> None:
    kinds = [type(decode(*parts(raw), level)) for raw, level in GOOD]
    assert kinds == [Connect, Connect, Publish, Publish, Subscribe, Subscribe, Unsubscribe, Disconnect, Ping]
    connect = decode(*parts(GOOD[0][0]), V5)
    assert isinstance(connect, Connect)
    assert connect.will is not None
    assert (connect.user, connect.keepalive_s, connect.will.topic, connect.will.payload) == ("home1", 60, *WILL)
    assert "correct-horse" not in repr(connect)


@pytest.mark.parametrize("seed", range(4))
def test_mutated_packets_raise_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    broken = 0
    for _ in range(5000):
        raw, level = chance.choice(GOOD)
        head, body = parts(raw)
        mutant = bytearray(bytes((head,)) + body)
        for _ in range(chance.randint(1, 4)):
            match chance.randrange(3):
                case 0:
                    mutant[chance.randrange(len(mutant))] = chance.randrange(256)
                case 1:
                    del mutant[chance.randrange(len(mutant)) :]
                    mutant = mutant or bytearray(b"\x10")
                case 2:
                    mutant[chance.randrange(len(mutant)) : 0] = chance.randbytes(chance.randint(1, 5))
        broken += not survives(mutant[0], bytes(mutant[1:]), level)
    assert broken > 1000  # the mutations do reach the checks


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_raise_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(5000):
        survives(chance.randrange(256), chance.randbytes(chance.randrange(80)), chance.choice((V5, V311)))


def survives(head: int, body: bytes, level: int) -> bool:
    try:
        decode(head, body, level)
    except Broken as error:
        return error.reason < Reason.MALFORMED  # which would be no error
    return True


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (packet(0x10, text("MQIsdp") + b"\x03\x02" + u16(60) + text("c")), Reason.VERSION),
        (
            packet(0x10, text("MQTT") + b"\x05\x02" + u16(60) + b"\x07\x15" + text("SCRA") + text("c")),
            Reason.AUTH_METHOD,
        ),
        (packet(0x34, text("a") + u16(1) + b"\0x"), Reason.QOS),
        (packet(0x32, text("a") + u16(0) + b"\0x"), Reason.MALFORMED),
        (packet(0x30, text("gw/+/x") + b"\0x"), Reason.TOPIC),
        (packet(0x30, text("") + b"\x03\x23" + u16(1) + b"x"), Reason.TOPIC_ALIAS),
        (packet(0x82, u16(1) + b"\0"), Reason.PROTOCOL_ERROR),
        (packet(0x82, u16(1) + b"\0" + text("a") + b"\x03"), Reason.MALFORMED),
        (packet(0xC1, b""), Reason.MALFORMED),
        (packet(0x20, b"\0\0"), Reason.PROTOCOL_ERROR),
        (packet(0x30, u16(1) + b"\0\0x"), Reason.MALFORMED),
        (packet(0x30, text("a") + b"\x04\x01\x01\x01\x01"), Reason.PROTOCOL_ERROR),
        (packet(0x30, text("a") + b"\x09\x01\x01"), Reason.MALFORMED),
    ],
)
def test_what_the_standard_forbids_has_its_reason(raw: bytes, reason: Reason) -> None:
    with pytest.raises(Broken) as caught:
        decode(*parts(raw), V5)
    assert caught.value.reason is reason


def test_numbers_of_variable_length() -> None:
    for value in (0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455):  # table 1-1
        assert Fields(varint(value)).varint() == value
    with pytest.raises(ValueError, match="variable byte integer"):
        varint(268_435_456)
    for raw in (b"\x80\x80\x80\x80\x01", b"\x80\x00", b"\xff"):
        with pytest.raises(Broken):
            Fields(raw).varint()


def test_a_client_of_the_older_standard_is_answered_in_its_own_words() -> None:
    assert answers.connack(Reason.CREDENTIALS, V311) == bytes((0x20, 2, 0, 4))
    assert answers.connack(Reason.TAKEN_OVER, V311) == bytes((0x20, 2, 0, 5))
    assert answers.puback(7, Reason.PAYLOAD, V311) == bytes((0x40, 2, 0, 7))
    assert answers.suback(7, [True, False], V311) == bytes((0x90, 4, 0, 7, 0, 0x80))
    assert answers.disconnect(Reason.TAKEN_OVER, V311) == b""


async def test_a_packet_that_says_it_is_too_large_is_not_waited_for() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"\x30" + varint(10_000_000))
    with pytest.raises(Broken, match="packet_too_large"):
        await Framing(reader, most_bytes=256_000, body_s=10).packet()


async def test_a_packet_that_trickles_in_is_given_up() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"\x30\x05ab")
    with pytest.raises(Broken, match="packet_slow"):
        await Framing(reader, most_bytes=256_000, body_s=0.01).packet()
