"""Rooms in Home Assistant: announced with keys it knows, told on change only, asked by whoever may."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from gateway.config.climate import Room
from gateway.flow.board import Counters
from gateway.sinks.climate_entities import ClimateEntities
from gateway.sinks.homeassistant import Form, HomeAssistantPublisher
from gateway.testing.clock import FakeClock
from gateway.types.climate import Ask, Mode, Preset, RoomStatus
from tests.unit.sinks.link import Memory, RecordingLink
from tests.unit.sinks.test_device import settle
from tests.unit.wire.test_climate import STATUS
from tests.unit.wire.test_discovery import AVAILABILITY, COMMON, DEVICE

BASE = "hearthgate/home/climate/hall"
HALL = Room(name="hall", title="Hall", sensor="hall", heater="heater")
CLIMATE = {
    "modes", "mode_state_topic", "mode_command_topic", "preset_modes", "preset_mode_state_topic",
    "preset_mode_command_topic", "temperature_state_topic", "temperature_command_topic", "current_temperature_topic",
    "current_humidity_topic", "action_topic", "min_temp", "max_temp", "temp_step", "precision", "temperature_unit",
}  # fmt: skip
"""Of homeassistant/components/mqtt/climate.py in 2024.3.3."""


class House:
    def __init__(self, *rooms: Room, clock: FakeClock | None = None) -> None:
        self.link = RecordingLink()
        self.clock = clock or FakeClock(auto=True)
        self.counters = Counters()
        self.asked: list[Ask] = []
        self.rooms = ClimateEntities(
            self.link,
            "home",
            "Home",
            rooms or (HALL,),
            on_ask=self.asked.append,
            clock=self.clock,
            counters=self.counters,
            version="1",
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.rooms.run())
        await settle()
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def tell(self, status: RoomStatus) -> dict[str, str]:
        """What it makes the house say, by the last levels of the topic."""
        self.link.taken()
        self.rooms.publish(status)
        await settle()
        assert all(retained for _, _, retained in self.link.published)
        return {topic.removeprefix(f"{BASE}/"): text for topic, text, _ in self.link.taken()}

    def publisher(self, memory: Memory, form: Form = "single") -> HomeAssistantPublisher:
        return HomeAssistantPublisher(
            self.link,
            "home",
            "Home",
            ("door",),
            remember=memory,
            counters=self.counters,
            clock=self.clock,
            version="1",
            form=form,
            more=(self.rooms,),
        )


async def test_a_room_is_announced_with_known_keys_only() -> None:
    climate, problem = House().rooms.entities
    body = climate.body()
    assert set(body) <= COMMON | CLIMATE
    assert set(climate.device.block()) <= DEVICE
    assert all(set(entry) <= AVAILABILITY for entry in body["availability"])
    assert body["availability_mode"] == "all"
    assert [entry["topic"] for entry in body["availability"]] == ["hearthgate/home/status", f"{BASE}/available"]
    assert body["default_entity_id"] == "climate.hearthgate_home_room_hall_climate"
    assert problem.config["device_class"] == "problem"


async def test_the_traps_of_home_assistant_are_avoided() -> None:
    body = House().rooms.entities[0].body()
    assert "none" not in body["preset_modes"]
    assert body["preset_mode_command_topic"] == f"{BASE}/preset/set"
    assert body["modes"] == ["off", "auto", "heat"]
    assert (body["precision"], body["temp_step"]) == (0.1, 0.5)
    assert body["name"] is None


async def test_a_cooler_can_cool_and_a_bare_room_only_follows() -> None:
    house = House(replace_room(cooler="ac"), replace_room(name="attic", heater=None))
    cooled, bare = (entity.config["modes"] for entity in house.rooms.entities if entity.component == "climate")
    assert (cooled, bare) == (["off", "auto", "heat", "cool"], ["off", "auto"])


def replace_room(**changes: object) -> Room:
    return HALL.model_copy(update=changes)


async def test_only_changes_are_told_and_available_comes_last() -> None:
    house = House()
    async with house.running():
        first = await house.tell(STATUS)
        assert len(first) == 9
        assert list(first)[-1] == "available"
        assert (first["current"], first["available"]) == ("20.5", "online")
        assert await house.tell(STATUS) == {}
        assert await house.tell(replace(STATUS, temp_c=20.61)) == {"current": "20.6"}


async def test_a_fast_control_does_not_make_a_fast_house() -> None:
    house = House(clock=FakeClock())
    async with house.running():
        await house.tell(STATUS)
        for tenth in range(5):
            assert await house.tell(replace(STATUS, temp_c=21.0 + tenth / 10)) == {}
        await house.clock.advance(1.0)
        await settle()
    assert [text for topic, text, _ in house.link.taken() if topic.endswith("current")] == ["21.4"]


async def test_what_a_lost_broker_missed_is_sent_on_the_next_connection() -> None:
    house = House()
    publisher = house.publisher(Memory())
    await publisher.start()
    async with house.running():
        house.link.connected = False
        await house.tell(STATUS)
        await house.link.connect()
    sent = {topic: text for topic, text, _ in house.link.taken()}
    assert (sent[f"{BASE}/current"], sent[f"{BASE}/available"]) == ("20.5", "online")
    assert list(sent)[-1] == "hearthgate/home/status"
    assert json.loads(sent["homeassistant/climate/hearthgate_home_room_hall/climate/config"])["device"]["name"] == (
        "Home Hall"
    )


async def test_the_device_form_announces_the_room_as_one_device() -> None:
    house = House()
    publisher = house.publisher(Memory(), "device")
    await publisher.start()
    await house.link.connect()
    sent = {topic: text for topic, text, _ in house.link.taken()}
    body = json.loads(sent["homeassistant/device/hearthgate_home_room_hall/config"])
    assert {one["platform"] for one in body["components"].values()} == {"climate", "binary_sensor"}


async def test_a_room_that_is_gone_leaves_nothing_retained() -> None:
    memory = Memory()
    house = House()
    await house.publisher(memory).start()
    await house.link.connect()
    bare = House()
    publisher = HomeAssistantPublisher(
        bare.link,
        "home",
        "Home",
        ("door",),
        remember=memory,
        counters=bare.counters,
        clock=bare.clock,
        version="1",
    )
    await publisher.start()
    await bare.link.connect()
    cleared = {topic for topic, text, _ in bare.link.taken() if not text}
    assert "homeassistant/climate/hearthgate_home_room_hall/climate/config" in cleared
    assert {f"{BASE}/target", f"{BASE}/attributes", f"{BASE}/available"} <= cleared


@pytest.mark.parametrize(
    ("topic", "payload", "ask"),
    [
        ("mode/set", b"heat", Ask(room="hall", mode=Mode.HEAT)),
        ("preset/set", b"away", Ask(room="hall", preset=Preset.AWAY)),
        ("target/set", b"19.5", Ask(room="hall", target_c=19.5)),
    ],
)
async def test_wishes_reach_control(topic: str, payload: bytes, ask: Ask) -> None:
    house = House()
    async with house.running():
        house.link.arrive(f"{BASE}/{topic}", payload)
        await settle()
    assert house.asked == [ask]
    assert house.counters.get("climate.asked") == 1


async def test_the_preset_none_ends_what_was_set_by_hand_in_the_mode_of_now() -> None:
    house = House()
    async with house.running():
        await house.tell(replace(STATUS, wanted=replace(STATUS.wanted, mode=Mode.HEAT)))
        house.link.arrive(f"{BASE}/preset/set", b"none")
        await settle()
    assert house.asked == [Ask(room="hall", mode=Mode.HEAT)]


async def test_retained_wishes_and_garbage_are_counted_and_dropped() -> None:
    house = House()
    async with house.running():
        house.link.arrive(f"{BASE}/target/set", b"30", retained=True)
        for payload in (b"nan", b"\xff", b"hot"):
            house.link.arrive(f"{BASE}/target/set", payload)
        house.link.arrive(f"{BASE}/mode/set", b"cool")
        await settle()
    assert house.asked == []
    assert house.counters.all() == {
        "climate.retained_ask": 1,
        "climate.invalid.not_finite": 1,
        "climate.invalid.payload_not_utf8": 1,
        "climate.invalid.not_a_number": 1,
        "climate.invalid.mode_unknown": 1,
    }
