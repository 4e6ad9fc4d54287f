"""The publisher over a real Mosquitto: what Home Assistant finds retained, before and after changes."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.flow.clock import SystemClock
from gateway.links.mqtt import MqttLink, Will
from gateway.sinks.homeassistant import Form, HomeAssistantPublisher
from gateway.types import Event, Kind, Stamp
from tests.integration.mosquitto import Mosquitto
from tests.unit.links.support import House, running
from tests.unit.sinks.link import Memory

pytestmark = pytest.mark.integration
STATUS = "hearthgate/home/status"
MOTION = "hearthgate/home/camera/door/motion"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as mosquitto:
        yield mosquitto


class Gateway:
    """A link with a publisher on it."""

    def __init__(self, house: House, memory: Memory, *cameras: str, form: Form = "single") -> None:
        self.link: MqttLink = house.link("gateway", will=Will(topic=STATUS))
        self.publisher = HomeAssistantPublisher(
            self.link,
            "home",
            "Home",
            cameras,
            remember=memory,
            counters=house.counters,
            clock=SystemClock(),
            version="1",
            form=form,
        )

    async def __aenter__(self) -> "Gateway":
        await self.publisher.start()
        self._tasks = [asyncio.create_task(self.link.run()), asyncio.create_task(self.publisher.run())]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.publisher.stop()
        await self.link.close()
        await asyncio.gather(*self._tasks)


async def retained(house: House, *filters: str) -> dict[str, str]:
    """What the broker keeps, read by a client that comes fresh."""
    link = house.link("reader")
    messages = link.subscribe(*filters, "reader/end")
    found: dict[str, str] = {}
    async with running(link), asyncio.timeout(20):
        await link.publish("reader/end", "now")
        async for message in messages:
            if message.topic == "reader/end":
                return found
            if message.retained:
                found[message.topic] = message.payload.decode()
    raise AssertionError("unreachable")


async def until_online(house: House) -> None:
    async with asyncio.timeout(20):
        while (await retained(house, STATUS)).get(STATUS) != "online":
            pass


def motion() -> Event:
    now = Stamp.now()
    return Event(id="e", kind=Kind.MOTION_BEGAN, stamp=now, began=now, source="door")


async def test_everything_lasting_is_retained_and_a_clean_stop_says_offline(broker: Mosquitto) -> None:
    house = House(broker.port)
    async with Gateway(house, Memory(), "door") as gateway:
        await until_online(house)
        await gateway.publisher.on_event(motion())
        found = await retained(house, "homeassistant/#", "hearthgate/#")
    assert found[STATUS] == "online"
    assert found[MOTION] == "ON"
    assert sum(topic.endswith("/config") for topic in found) == 6
    assert not any(topic.endswith(("/event", "/face")) for topic in found)
    assert (await retained(house, STATUS))[STATUS] == "offline"


async def test_a_broker_that_lost_everything_is_filled_again(broker: Mosquitto) -> None:
    house = House(broker.port)
    async with Gateway(house, Memory(), "door") as gateway:
        await until_online(house)
        await gateway.publisher.on_event(motion())
        before = await retained(house, "homeassistant/#", "hearthgate/#")
        broker.kill()  # keeps nothing: it runs without persistence
        await asyncio.to_thread(broker.start)
        await until_online(house)
        assert await retained(house, "homeassistant/#", "hearthgate/#") == before


async def test_forms_and_cameras_change_without_leaving_anything_behind(broker: Mosquitto) -> None:
    house, memory = House(broker.port), Memory()
    async with Gateway(house, memory, "door", "yard"):
        await until_online(house)
    async with Gateway(house, memory, "door", form="device"):
        await until_online(house)
        announced = await retained(house, "homeassistant/#")
        assert {topic.split("/")[1] for topic in announced} == {"device"}
        assert not [topic for topic in await retained(house, "hearthgate/#") if "yard" in topic]
    async with Gateway(house, memory, "door", form="off"):
        await until_online(house)
        assert await retained(house, "homeassistant/#") == {}


async def test_home_assistants_birth_brings_the_states_again(broker: Mosquitto) -> None:
    house = House(broker.port)
    listener = house.link("homeassistant")
    messages = listener.subscribe("hearthgate/home/#")
    async with Gateway(house, Memory(), "door"), running(listener), asyncio.timeout(20):
        await until_online(house)
        await listener.publish("homeassistant/status", b"\xff\xfe")
        await listener.publish("homeassistant/status", "online")
        topics = set[str]()
        async for message in messages:
            if not message.retained:
                topics.add(message.topic)
            if {MOTION, STATUS} <= topics and house.counters.get("homeassistant.births"):
                break
    assert house.counters.get("homeassistant.odd_messages") == 1


async def test_payloads_on_the_wire_are_what_the_page_documents(broker: Mosquitto) -> None:
    house = House(broker.port)
    listener = house.link("listener")
    messages = listener.subscribe("hearthgate/home/camera/door/event")
    async with Gateway(house, Memory(), "door") as gateway, running(listener), asyncio.timeout(20):
        await gateway.link.wait_connected()
        await gateway.publisher.on_event(motion())
        told = json.loads((await anext(messages)).payload)
    keys = {"id", "kind", "source", "zone", "label", "began", "ended", "at", "cause", "detections"}
    assert set(told) == keys
    assert (told["kind"], told["source"], told["ended"]) == ("motion.began", "door", None)
