"""Rooms over a real Mosquitto: retained for whoever comes later, asked by whoever may, never by yesterday's wish."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.flow.clock import SystemClock
from gateway.links.mqtt import Will
from gateway.sinks.climate_entities import ClimateEntities
from gateway.sinks.homeassistant import HomeAssistantPublisher
from gateway.types.climate import Ask, Mode
from tests.integration.mosquitto import Mosquitto
from tests.integration.test_homeassistant import STATUS as GATEWAY
from tests.integration.test_homeassistant import retained, until_online
from tests.unit.links.support import House, running
from tests.unit.sinks.link import Memory
from tests.unit.sinks.test_climate_entities import BASE, HALL
from tests.unit.wire.test_climate import STATUS

pytestmark = pytest.mark.integration


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as mosquitto:
        yield mosquitto


@asynccontextmanager
async def rooms(house: House, asked: list[Ask]) -> AsyncIterator[ClimateEntities]:
    link, clock = house.link("gateway", will=Will(topic=GATEWAY)), SystemClock()
    entities = ClimateEntities(
        link, "home", "Home", [HALL], on_ask=asked.append, clock=clock, counters=house.counters, version="1"
    )
    publisher = HomeAssistantPublisher(
        link,
        "home",
        "Home",
        (),
        remember=Memory(),
        counters=house.counters,
        clock=clock,
        version="1",
        more=(entities,),
    )
    await publisher.start()
    tasks = [asyncio.create_task(work) for work in (link.run(), publisher.run())]
    telling = asyncio.create_task(entities.run())
    try:
        yield entities
    finally:
        telling.cancel()
        await publisher.stop()
        await link.close()
        await asyncio.gather(*tasks)


async def told(house: House, topic: str, text: str) -> dict[str, str]:
    """What is retained once `topic` says so."""
    async with asyncio.timeout(20):
        while (found := await retained(house, "homeassistant/#", f"{BASE}/#")).get(f"{BASE}/{topic}") != text:
            pass
    return found


async def test_a_room_is_found_by_whoever_comes_later(broker: Mosquitto) -> None:
    house = House(broker.port)
    async with rooms(house, []) as entities:
        await until_online(house)
        entities.publish(STATUS)
        found = await told(house, "available", "online")
        assert found[f"{BASE}/target"] == "21.0"
        config = json.loads(found["homeassistant/climate/hearthgate_home_room_hall/climate/config"])
        assert found[config["current_temperature_topic"]] == "20.5"
        entities.publish(replace(STATUS, temp_c=20.9))
        await told(house, "current", "20.9")


async def test_wishes_come_in_and_those_of_yesterday_do_not(broker: Mosquitto) -> None:
    house, asked = House(broker.port), list[Ask]()
    somebody = house.link("somebody")
    async with running(somebody):
        await somebody.publish(f"{BASE}/target/set", "30", retain=True)
        async with rooms(house, asked), asyncio.timeout(20):
            await until_online(house)
            await somebody.publish(f"{BASE}/target/set", "tropical")
            await somebody.publish(f"{BASE}/mode/set", "heat")
            while not asked:  # noqa: ASYNC110  # what is asked has no event to wait for
                await asyncio.sleep(0.01)
    assert asked == [Ask(room="hall", mode=Mode.HEAT)]
    assert house.counters.get("climate.retained_ask") == 1
    assert house.counters.get("climate.invalid.not_a_number") == 1
