"""The link: one connection that comes back, says what is wrong, and gives its users a simple life."""

import asyncio
import logging

import pytest

from gateway.errors import Transient
from gateway.links.broker import EmbeddedBroker
from gateway.links.mqtt import PAYLOAD_LIMIT, Will
from gateway.types import Level
from tests.unit.links.support import PASSWORD, USER, House, running

_USERS = {USER: PASSWORD}


async def test_publishing_without_a_connection_is_transient() -> None:
    house = House(1)
    with pytest.raises(Transient, match="broker_unreachable"):
        await house.link().publish("a", "1")


async def test_an_unreachable_broker_is_a_named_state_and_closing_ends_the_back_off() -> None:
    house = House(1)  # nobody listens on port 1
    link = house.link(will=Will(topic="status"))
    task = asyncio.create_task(link.run())
    assert (await house.reports("broker_unreachable")).level is Level.DEGRADED
    await link.close()
    async with asyncio.timeout(10):
        await task


async def test_it_comes_back_subscribes_again_and_runs_the_hooks_in_order() -> None:
    calls: list[str] = []

    async def hook(name: str) -> None:
        calls.append(name)

    async with EmbeddedBroker(users=_USERS) as broker:
        house = House(broker.port)
        link = house.link()
        link.on_connected(lambda: hook("first"))
        link.on_connected(lambda: hook("second"))
        messages = link.subscribe("news/#")
        task = asyncio.create_task(link.run())
        await house.reports("running")
    assert (await house.reports("broker_unreachable")).part == "broker"
    house.states.clear()
    async with EmbeddedBroker(port=house.port, users=_USERS), asyncio.timeout(20):
        await house.reports("running")
        await link.publish("news/1", "again")
        assert (await anext(messages)).payload == b"again"
        await link.close()
        await task
    assert calls == ["first", "second"] * 2


async def test_a_hook_that_finds_the_broker_gone_makes_the_link_start_over() -> None:
    calls: list[int] = []

    async def hook() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise Transient("broker_unreachable")

    async with EmbeddedBroker(users=_USERS) as broker:
        house = House(broker.port)
        link = house.link()
        link.on_connected(hook)
        async with running(link):
            await house.reports("running")
    assert [state.key for state in house.states][:3] == ["connecting", "broker_unreachable", "running"]


async def test_a_wrong_password_is_told_and_not_tried_hastily() -> None:
    async with EmbeddedBroker(users=_USERS) as broker:
        house = House(broker.port)
        link = house.link(password="wrong")
        task = asyncio.create_task(link.run())
        assert (await house.reports("broker_unauthorised")).level is Level.DOWN
        assert not link.connected
        await link.close()
        await task


async def test_odd_payloads_come_through_as_bytes_and_the_oversized_are_dropped_and_counted() -> None:
    odd = [b"\xff\xfe\x00", b"NaN", b"", b"x" * PAYLOAD_LIMIT]
    async with EmbeddedBroker(users=_USERS) as broker:
        house = House(broker.port)
        link = house.link()
        messages = link.subscribe("odd")
        async with running(link), asyncio.timeout(20):
            await link.publish("odd", b"x" * 1_000_000)
            for payload in odd:
                await link.publish("odd", payload)
            got = [(await anext(messages)).payload for _ in odd]
    assert got == odd
    assert house.counters.get("mqtt.oversized") == 1


async def test_closing_publishes_the_will_itself() -> None:
    async with EmbeddedBroker(users=_USERS) as broker:
        house = House(broker.port)
        link, watcher = house.link("mortal", will=Will(topic="s", payload="offline")), house.link("watcher")
        messages = watcher.subscribe("s")
        async with running(watcher), asyncio.timeout(10):
            task = asyncio.create_task(link.run())
            await link.wait_connected()
            await link.close()
            await task
            assert (await anext(messages)).payload == b"offline"
            await watcher.publish("s", "end")
            assert (await anext(messages)).payload == b"end"  # once, not once more from the broker
    assert house.states[-1].key in {"closed", "running"}


async def test_a_closed_subscription_is_taken_back_and_its_neighbour_stays() -> None:
    async with EmbeddedBroker(users=_USERS) as broker:
        house = House(broker.port)
        link = house.link()
        one, two = link.subscribe("same", "own"), link.subscribe("same")
        async with running(link), asyncio.timeout(10):
            one.close()
            await link.publish("own", "1")
            await link.publish("same", "2")
            assert (await anext(two)).payload == b"2"
    assert house.counters.get("mqtt.received") == 1


async def test_cancelled_while_connecting_it_leaves_nothing_behind() -> None:
    async def mute(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.current_task())
        connected.set()
        await gone.wait()
        writer.close()

    served: list[asyncio.Task[None] | None] = []
    connected, gone = asyncio.Event(), asyncio.Event()
    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    house = House(server.sockets[0].getsockname()[1])
    task = asyncio.create_task(house.link().run())
    async with asyncio.timeout(10):
        await connected.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    gone.set()
    server.close()
    await server.wait_closed()
    assert task.cancelled()
    assert asyncio.all_tasks() - {asyncio.current_task(), *served} == set()
    await asyncio.gather(*(task for task in served if task is not None))


async def test_the_password_is_nowhere_to_be_read(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with EmbeddedBroker(users=_USERS) as broker:
            house = House(broker.port)
            good, bad = house.link("good"), house.link("bad", password=PASSWORD + "!")
            async with running(good):
                task = asyncio.create_task(bad.run())
                await house.reports("broker_unauthorised")
                await bad.close()
                await task
    told = caplog.text + repr(house.states) + repr(good) + repr(broker) + repr(good.__dict__)
    assert PASSWORD not in told
