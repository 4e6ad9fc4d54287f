"""Clients that do not keep to the rules, and what the others notice of it: nothing."""

import asyncio
import random

import pytest

from gateway.errors import Transient
from gateway.wire.uplink import Hello, dump
from services.hub.door.contract import Claim
from services.hub.door.limits import Limits
from services.hub.door.reasons import Reason
from services.hub.ingest.words import Answer

from .house import (
    TOKEN,
    WAIT_S,
    MadeUpGatekeeper,
    Raw,
    connect_packet,
    entrance,
    packet,
    publish_packet,
    subscribe_packet,
)

SHORT = Limits(enter_s=0.2, body_s=0.2, keepalive_s=1, most_bytes=2000)
DISCONNECT = 0xE0


def hello(instance: str = "ab", *, online: bool = True) -> bytes:
    return dump(Hello(online=online, instance=instance * 16, epoch=1, version="1.0.0"))


async def test_only_a_will_of_ones_own_is_kept() -> None:
    async with entrance() as here, Raw(here.door.port) as client:
        client.send(connect_packet(will=("gw/v1/home2/hello", b"x")))
        assert (await client.packet())[1][1] == Reason.NOT_AUTHORISED
        assert await client.gone() == b""


@pytest.mark.parametrize("goodbye", [b"", packet(0xE0, b"\x04")])
async def test_the_last_will_is_carried_out_unless_one_takes_leave(goodbye: bytes) -> None:
    async with entrance() as here:
        async with Raw(here.door.port) as client:
            await client.enter(will=("gw/v1/home1/hello", b"gone"))
            client.send(goodbye)
        assert [a.payload for a in await here.intake.have(1)] == [b"gone"]
        async with Raw(here.door.port) as client:
            await client.enter(will=("gw/v1/home1/hello", b"gone"))
            client.send(packet(0xE0, b""))
            assert await client.gone() == b""
        assert len(here.intake.arrivals) == 1


async def test_who_comes_again_takes_over_and_no_will_is_sent() -> None:
    async with entrance() as here, Raw(here.door.port) as old, Raw(here.door.port) as new:
        await old.enter(will=("gw/v1/home1/hello", hello(online=False)))
        await new.enter()
        new.send(publish_packet("gw/v1/home1/hello", hello(), 1))
        assert await old.packet() == (DISCONNECT, bytes((Reason.TAKEN_OVER,)))
        assert await old.gone() == b""
        assert await new.packet() == (0x40, b"\0\1")
        assert [a.payload for a in here.intake.arrivals] == [hello()]


async def test_a_duplicate_is_shown_out_and_the_first_one_stays() -> None:
    async with entrance() as here, Raw(here.door.port) as first, Raw(here.door.port) as second:
        await first.enter()
        await second.enter()
        here.intake.keys[hello("cd")] = "duplicate_id"
        second.send(publish_packet("gw/v1/home1/hello", hello("cd"), 1))
        assert await second.packet() == (0x40, b"\0\1")
        assert await second.packet() == (DISCONNECT, bytes((Reason.TAKEN_OVER,)))
        first.send(packet(0xC0, b""))
        assert await first.packet() == (0xD0, b"")


async def test_who_is_revoked_is_shown_out_with_its_next_message() -> None:
    async with entrance() as here, Raw(here.door.port) as client:
        await client.enter(will=("gw/v1/home1/hello", b"gone"))
        here.intake.keys[b"x"] = "revoked"
        client.send(publish_packet("gw/v1/home1/s/presence", b"x", 1))
        assert await client.packet() == (0x40, b"\0\1")  # no error: it keeps what it has
        assert await client.packet() == (DISCONNECT, bytes((Reason.NOT_AUTHORISED,)))
        assert await client.gone() == b""
        assert len(here.intake.arrivals) == 1


async def test_a_client_is_not_read_from_while_too_much_of_it_is_under_way() -> None:
    async with entrance(Limits(receive_maximum=2)) as here, Raw(here.door.port) as client:
        here.intake.prompt = False
        await client.enter()
        client.send(*(publish_packet("gw/v1/home1/s/presence", b"x", mid) for mid in range(1, 6)))
        await here.intake.have(2)
        here.intake.pending[0].set_result(None)
        assert await client.packet() == (0x40, b"\0\1")
        await here.intake.have(3)
        assert len(here.intake.arrivals) == 3
        for done in here.intake.pending[1:]:
            done.set_result(None)


async def test_when_the_hub_stops_nothing_is_acknowledged_that_was_not_taken() -> None:
    async with entrance() as here, Raw(here.door.port) as client:
        here.intake.prompt = False
        await client.enter()
        client.send(publish_packet("gw/v1/home1/s/presence", b"x", 1))
        await here.intake.have(1)
        here.intake.pending[0].cancel()
        assert await client.gone() == b""


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "packet_slow"),
        (packet(0xC0, b""), "packet_unexpected"),
        (b"\x10\xff\xff\xff\x7f", "packet_too_large"),
        (b"\x10\xff\xff\xff\xff\x7f", "packet_malformed"),
        (b"\x10", "packet_slow"),
        (b"", "packet_slow"),
        (b"\x10\x05\0\4MQ", "packet_slow"),
        (connect_packet(level=3), "mqtt_version"),
        (connect_packet(token="guess"), "credentials_wrong"),
        (connect_packet() + connect_packet(), "packet_unexpected"),
        (connect_packet() + packet(0x30, b"x" * 3000), "packet_too_large"),
        (connect_packet() + b"\x30\x20abc", "packet_slow"),
        (connect_packet(keepalive_s=0), "client_silent"),
    ],
)
async def test_who_does_not_keep_to_the_rules_is_shown_out_and_counted(sent: bytes, key: str) -> None:
    async with entrance(SHORT) as here, Raw(here.door.port) as client:
        client.send(sent)
        await client.gone()
        assert here.turned_away == {key: 1}
        assert not here.intake.arrivals


async def test_strangers_who_say_nothing_keep_nobody_out_for_long() -> None:
    limits = Limits(enter_s=1.0, most_strangers=3)
    async with entrance(limits) as here, Raw(here.door.port) as a, Raw(here.door.port) as b, Raw(here.door.port) as c:
        async with Raw(here.door.port) as client:
            assert await client.gone() == b""
            assert here.turned_away["door_full"] == 1
        for stranger in (a, b, c):
            assert await stranger.gone() == b""
        async with Raw(here.door.port) as client:
            await client.enter()


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    limits = Limits(most_unsent=100_000, send_s=0.2)
    async with entrance(limits) as here, Raw(here.door.port) as client:
        await client.enter()
        client.send(subscribe_packet(1, "gw/v1/home1/notice"))
        await client.packet()
        client.reader._transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(WAIT_S):
            while len(here.exchange):
                here.exchange.publish(Answer(topic="gw/v1/home1/notice", payload=b"x" * 60_000))
                await asyncio.sleep(0)
        assert here.turned_away == {"client_does_not_read": 1}
        client.writer.transport.abort()


async def test_more_than_a_client_can_take_is_not_sent_to_it() -> None:
    async with entrance() as here, Raw(here.door.port) as client:
        body = connect_packet()[2:]
        client.send(packet(0x10, body[:10] + b"\x05\x27\0\0\0\x40" + body[11:]))
        assert (await client.packet())[1][1] == 0
        client.send(subscribe_packet(1, "gw/v1/home1/notice"))
        await client.packet()
        here.exchange.publish(Answer(topic="gw/v1/home1/notice", payload=b"x" * 100))
        here.exchange.publish(Answer(topic="gw/v1/home1/notice", payload=b"short"))
        assert (await client.packet())[1].endswith(b"\0short")


async def test_where_it_cannot_be_told_who_it_is_one_may_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(_self: MadeUpGatekeeper, _claim: Claim) -> str:
        raise Transient("store_unreachable")

    monkeypatch.setattr(MadeUpGatekeeper, "admit", down)
    async with entrance() as here, Raw(here.door.port) as client:
        client.send(connect_packet(token=TOKEN))
        assert (await client.packet())[1][1] == Reason.UNAVAILABLE


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_bytes_come_the_door_stays_open(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(seed)
    async with entrance() as here, Raw(here.door.port) as honest:
        await honest.enter("home2", keepalive_s=60)
        for _ in range(40):
            async with Raw(here.door.port) as client:
                told = bytearray(
                    publish_packet("gw/v1/home1/s/presence", b"x", 1) + subscribe_packet(2, "gw/v1/home1/notice")
                )
                told[chance.randrange(len(told))] = chance.randrange(256)
                client.send(connect_packet(), bytes(told), chance.randbytes(chance.randrange(60)))
                client.writer.write_eof()
                await client.gone()
        honest.send(packet(0xC0, b""))
        assert await honest.packet() == (0xD0, b"")
    assert not caplog.records  # asyncio would log what nobody caught
