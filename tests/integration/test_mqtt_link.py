"""The link against a real Mosquitto that is killed, stopped, restarted and asked for the wrong password."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import Transient
from gateway.links.mqtt import PAYLOAD_LIMIT, Will
from gateway.types import Level
from tests.integration.mosquitto import Mosquitto
from tests.unit.links.support import PASSWORD, House, running

pytestmark = pytest.mark.integration


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as mosquitto:
        yield mosquitto


async def test_a_killed_broker_is_told_and_the_link_comes_back_by_itself(broker: Mosquitto) -> None:
    house = House(broker.port)
    link = house.link()
    messages = link.subscribe("news/+")
    async with running(link), asyncio.timeout(40):
        await house.reports("running")
        broker.kill()
        assert (await house.reports("broker_unreachable")).level is Level.DEGRADED
        with pytest.raises(Transient, match="broker_unreachable"):
            await link.publish("news/1", "lost")
        house.states.clear()
        await asyncio.to_thread(broker.start)
        await house.reports("running")
        await link.publish("news/1", "back")
        assert (await anext(messages)).payload == b"back"


async def test_a_broker_that_hangs_is_noticed_and_a_waiting_publish_is_let_go(broker: Mosquitto) -> None:
    house = House(broker.port)
    link = house.link()
    async with running(link), asyncio.timeout(40):
        await house.reports("running")
        broker.stop_answering()
        with pytest.raises(Transient, match="broker_unreachable"):
            await link.publish("a", "nobody acknowledges this")
        await house.reports("broker_unreachable")
        house.states.clear()
        broker.answer_again()
        await house.reports("running")


async def test_a_wrong_password_is_named_and_the_right_one_is_taken_later(broker: Mosquitto) -> None:
    broker.users({"gateway": "another"})
    broker.reload()
    house = House(broker.port)
    link = house.link()
    task = asyncio.create_task(link.run())
    try:
        assert (await house.reports("broker_unauthorised")).level is Level.DOWN
        broker.users({"gateway": PASSWORD})
        broker.reload()
        await house.reports("running")
    finally:
        await link.close()
        await task


@pytest.mark.parametrize("how", ["cut off", "closed"])
async def test_offline_is_retained_however_we_go(broker: Mosquitto, how: str) -> None:
    house = House(broker.port)
    link, watcher = house.link("mortal", will=Will(topic="mortal/status")), house.link("watcher")
    task = asyncio.create_task(link.run())
    async with asyncio.timeout(20):
        await link.wait_connected()
        await link.publish("mortal/status", "online", retain=True)
        if how == "closed":
            await link.close()
        else:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        messages = watcher.subscribe("mortal/status")
        async with running(watcher):
            while (message := await anext(messages)).payload != b"offline":
                pass
            late = house.link("late")
            retained = late.subscribe("mortal/status")
            async with running(late):
                message = await anext(retained)
    assert (message.payload, message.retained) == (b"offline", True)


async def test_odd_payloads_stop_nothing(broker: Mosquitto) -> None:
    odd = [b"\xff\xfe\x00", b"NaN", b"", b"x" * PAYLOAD_LIMIT]
    house = House(broker.port)
    link, sender = house.link(), house.link("sender")
    messages = link.subscribe("odd")
    async with running(link, sender), asyncio.timeout(20):
        await sender.publish("odd", b"x" * 1_000_000)
        for payload in odd:
            await sender.publish("odd", payload)
        assert [(await anext(messages)).payload for _ in odd] == odd
    assert house.counters.get("mqtt.oversized") == 1


async def test_the_password_is_nowhere_to_be_read(broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    house = House(broker.port)
    good, bad = house.link(), house.link("bad", password=PASSWORD + "!")
    with caplog.at_level(logging.DEBUG):
        async with running(good):
            task = asyncio.create_task(bad.run())
            await house.reports("broker_unauthorised")
            await bad.close()
            await task
            broker.kill()
            await house.reports("broker_unreachable")
    assert PASSWORD not in caplog.text + repr(house.states) + broker.log()
