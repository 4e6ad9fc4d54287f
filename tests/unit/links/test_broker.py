"""The embedded broker: nobody gets in without a name and a password, and one client cannot harm another."""

import asyncio
import logging

import pytest

from gateway.errors import Refused
from gateway.links.broker import EmbeddedBroker
from gateway.links.door import PACKET_LIMIT
from gateway.links.mqtt import Will
from tests.unit.links.support import PASSWORD, USER, House, running

_USERS = {USER: PASSWORD}


def connect_packet(client: str, *, user: str | None, password: str | None, level: int = 4) -> bytes:
    """MQTT 3.1.1 section 3.1, clean session."""
    flags = 0x02 | (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
    body = b"\x00\x04MQTT" + bytes((level, flags, 0, 60))
    for text in (client, user, password):
        if text is not None:
            body += len(text).to_bytes(2, "big") + text.encode()
    return bytes((0x10, len(body))) + body


async def answer(port: int, packet: bytes) -> bytes:
    """What the broker says before it closes or, on success, its CONNACK."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(packet)
    async with asyncio.timeout(10):
        said = await reader.read(4)
    writer.close()
    await writer.wait_closed()
    return said


@pytest.mark.parametrize(
    ("user", "password", "level", "code"),
    [
        (USER, PASSWORD, 4, 0),
        (USER, "wrong", 4, 5),
        (USER, None, 4, 5),
        ("stranger", PASSWORD, 4, 5),
        ("stranger", "", 4, 5),
        (None, None, 4, 5),
        (USER, PASSWORD, 3, 1),
    ],
)
async def test_only_a_known_user_with_the_right_password_enters(
    user: str | None, password: str | None, level: int, code: int
) -> None:
    async with EmbeddedBroker(users=_USERS) as broker:
        said = await answer(broker.port, connect_packet("x", user=user, password=password, level=level))
    assert said == bytes((0x20, 2, 0, code))


async def test_a_stranger_cannot_take_over_a_session_by_its_name() -> None:
    async with EmbeddedBroker(users=_USERS) as broker:
        house = House(broker.port)
        link, sender = house.link("gateway"), house.link("sender")
        messages = link.subscribe("news")
        async with running(link, sender), asyncio.timeout(10):
            await answer(broker.port, connect_packet("gateway", user=USER, password="wrong"))
            await sender.publish("news", "still here")
            assert (await anext(messages)).payload == b"still here"
    assert house.counters.get("mqtt.connections") == 2


@pytest.mark.parametrize(
    "rubbish", [b"GET / HTTP/1.1\r\n\r\n", b"\x10\xff\xff\xff\xff\x01", b"\x10\x02\x00\x04", b"\x00"]
)
async def test_rubbish_at_the_door_is_shown_out(rubbish: bytes) -> None:
    async with EmbeddedBroker(users=_USERS) as broker:
        reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
        writer.write(rubbish)
        writer.write_eof()
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_a_packet_beyond_the_limit_ends_that_client_only() -> None:
    async with EmbeddedBroker(users=_USERS) as broker:
        house = House(broker.port)
        flooder, other = house.link("flooder"), house.link("other")
        messages = other.subscribe("#")
        async with running(flooder, other), asyncio.timeout(20):
            await flooder.publish("big", b"x" * (PACKET_LIMIT + 1), qos=0)
            await house.reports("broker_unreachable")
            await other.publish("small", "1")
            assert (await anext(messages)).topic == "small"


async def test_what_is_retained_comes_to_late_subscribers_and_only_to_them() -> None:
    async with EmbeddedBroker(users=_USERS) as broker:
        house = House(broker.port)
        first, late, other = house.link("first"), house.link("late"), house.link("other")
        first.subscribe("a/#")
        theirs = other.subscribe("b/#")
        async with running(first), asyncio.timeout(10):
            await first.publish("a/lamp", "ON", retain=True)
            messages = late.subscribe("a/+")
            async with running(late, other):
                got = await anext(messages)
                await late.publish("b/end", "1")
                await anext(theirs)
    assert (got.topic, got.payload, got.retained) == ("a/lamp", b"ON", True)
    assert house.counters.get("mqtt.received") == 3  # "other" never got what only "first" and "late" asked for


async def test_the_last_will_is_published_when_a_client_vanishes() -> None:
    async with EmbeddedBroker(users=_USERS) as broker:
        house = House(broker.port)
        watcher, mortal = house.link("watcher"), house.link("mortal", will=Will(topic="mortal/status"))
        messages = watcher.subscribe("mortal/#")
        async with running(watcher), asyncio.timeout(10):
            async with running(mortal):
                pass  # cut off
            assert (await anext(messages)).payload == b"offline"


async def test_two_thousand_messages_arrive_in_order() -> None:
    async with EmbeddedBroker(users=_USERS) as broker:
        house = House(broker.port)
        sender, receiver = house.link("sender"), house.link("receiver")
        messages = receiver.subscribe("load/+", size=2000)
        async with running(sender, receiver), asyncio.timeout(60):
            for number in range(2000):
                await sender.publish(f"load/{number % 7}", str(number), qos=number % 2)
            got = [int((await anext(messages)).payload) for _ in range(2000)]
    assert got == list(range(2000))


async def test_a_port_in_use_is_refused_by_name() -> None:
    async with EmbeddedBroker(users=_USERS) as broker:
        with pytest.raises(Refused, match="broker_port"):
            async with EmbeddedBroker(port=broker.port, users=_USERS):
                pass


async def test_it_stops_without_leftovers_and_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    before = asyncio.all_tasks()
    with caplog.at_level(logging.INFO):
        async with EmbeddedBroker(users=_USERS) as broker:
            house = House(broker.port)
            link = house.link()
            link.subscribe("#")
            task = asyncio.create_task(link.run())
            await link.wait_connected()
            await answer(broker.port, connect_packet("y", user=USER, password="wrong"))
            await answer(broker.port, connect_packet("x", user=USER, password=PASSWORD))
        await house.reports("broker_unreachable")
        await link.close()
        await task
    assert asyncio.all_tasks() == before
    assert caplog.records == []
