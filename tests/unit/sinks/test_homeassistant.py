"""What goes out on MQTT, when, and what is taken back."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from gateway.errors import Transient
from gateway.flow.board import Counters
from gateway.sinks.homeassistant import Form, HomeAssistantPublisher
from gateway.testing.clock import FakeClock
from gateway.types import Event, Kind, Level, State
from tests.unit.sinks.link import Memory, RecordingLink

BASE = "hearthgate/home"
NOW = FakeClock().now()


class Setup:
    def __init__(self, link: RecordingLink | None = None, memory: Memory | None = None) -> None:
        self.link = link or RecordingLink()
        self.memory = memory or Memory()
        self.counters = Counters()
        self.clock = FakeClock(auto=True)

    async def publisher(self, *cameras: str, form: Form = "single", name: str = "Home") -> HomeAssistantPublisher:
        publisher = HomeAssistantPublisher(
            self.link,
            "home",
            name,
            cameras or ("door",),
            remember=self.memory,
            counters=self.counters,
            clock=self.clock,
            version="1",
            form=form,
        )
        await publisher.start()
        return publisher


def event(kind: Kind, source: str = "door", label: str | None = None) -> Event:
    return Event(id="e1", kind=kind, stamp=NOW, began=NOW, source=source, label=label)


def state(part: str, level: Level, key: str) -> State:
    return State(part=part, level=level, key=key, since=NOW)


def configs(published: list[tuple[str, str, bool]]) -> dict[str, str]:
    assert all(retained for topic, _, retained in published if topic.endswith("/config"))
    return {topic: payload for topic, payload, _ in published if topic.endswith("/config")}


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is recorded has no event to wait for
            await asyncio.sleep(0)


async def test_on_connection_announcements_come_first_then_states_then_online() -> None:
    setup = Setup()
    await setup.publisher()
    await setup.link.connect()
    published = setup.link.taken()
    assert list(configs(published)) == [topic for topic, _, _ in published[:6]]
    assert (f"{BASE}/camera/door/motion", "OFF", True) in published
    assert (f"{BASE}/camera/door/available", "offline", True) in published
    assert published[-1] == (f"{BASE}/status", "online", True)


async def test_motion_is_exactly_on_and_off_retained_and_events_are_not() -> None:
    setup = Setup()
    publisher = await setup.publisher()
    await publisher.on_event(event(Kind.MOTION_BEGAN))
    first, second = setup.link.taken()
    assert first == (f"{BASE}/camera/door/motion", "ON", True)
    assert (second[0], second[2]) == (f"{BASE}/camera/door/event", False)
    assert json.loads(second[1])["kind"] == "motion.began"
    await publisher.on_event(event(Kind.MOTION_ENDED))
    assert setup.link.taken()[0] == (f"{BASE}/camera/door/motion", "OFF", True)


async def test_a_recognised_face_is_an_event_and_the_last_person() -> None:
    setup = Setup()
    publisher = await setup.publisher()
    await publisher.on_event(event(Kind.FACE_RECOGNISED, label="Ada"))
    face, person, _ = setup.link.taken()
    assert (face[0], face[2]) == (f"{BASE}/camera/door/face", False)
    assert (json.loads(face[1])["event_type"], json.loads(face[1])["person"]) == ("recognised", "Ada")
    assert person == (f"{BASE}/camera/door/person", "Ada", True)
    await publisher.on_event(event(Kind.FACE_UNKNOWN))
    assert [topic.rsplit("/", 1)[1] for topic, _, _ in setup.link.taken()] == ["face", "event"]


async def test_events_of_strangers_are_not_ours_to_tell() -> None:
    setup = Setup()
    publisher = await setup.publisher()
    await publisher.on_event(event(Kind.DEVICE_STATE, source="lamp"))
    assert setup.link.taken() == []


async def test_a_lost_camera_is_unavailable_shows_no_motion_and_is_a_problem() -> None:
    setup = Setup()
    publisher = await setup.publisher()
    await publisher.on_event(event(Kind.MOTION_BEGAN))
    setup.link.taken()
    await publisher.on_state(state("camera/door", Level.DOWN, "source_unauthorised"))
    published = {topic: payload for topic, payload, retained in setup.link.taken() if retained}
    assert published[f"{BASE}/camera/door/motion"] == "OFF"
    assert published[f"{BASE}/camera/door/available"] == "offline"
    assert json.loads(published[f"{BASE}/health/camera/door"])["key"] == "source_unauthorised"
    problem = {"state": "ON", "parts": {"camera/door": "source_unauthorised"}}
    assert json.loads(published[f"{BASE}/problem"]) == problem
    await publisher.on_state(state("camera/door", Level.OK, "running"))
    published = {topic: payload for topic, payload, _ in setup.link.taken()}
    assert published[f"{BASE}/camera/door/available"] == "online"
    assert json.loads(published[f"{BASE}/problem"]) == {"state": "OFF", "parts": {}}


async def test_without_a_broker_states_wait_and_lost_events_are_counted() -> None:
    setup = Setup()
    publisher = await setup.publisher()
    setup.link.connected = False
    await publisher.on_event(event(Kind.MOTION_BEGAN))
    await publisher.on_state(state("disk", Level.DEGRADED, "disk_full"))
    assert setup.counters.get("homeassistant.unsent") == 1
    await setup.link.connect()
    published = {topic: payload for topic, payload, _ in setup.link.taken()}
    assert published[f"{BASE}/camera/door/motion"] == "ON"
    assert json.loads(published[f"{BASE}/health/disk"])["key"] == "disk_full"


@pytest.mark.parametrize("form", ["single", "device"])
async def test_the_same_announcement_again_is_byte_for_byte_the_same(form: Form) -> None:
    setup = Setup()
    await setup.publisher(form=form)
    await setup.link.connect()
    first = configs(setup.link.taken())
    await setup.link.connect()
    assert configs(setup.link.taken()) == first
    assert "" not in first.values()


async def test_never_both_forms_and_a_change_takes_the_other_back_first() -> None:
    memory = Memory()
    single = Setup(memory=memory)
    await single.publisher(form="single")
    await single.link.connect()
    old = configs(single.link.taken())
    device = Setup(memory=memory)
    await device.publisher(form="device")
    await device.link.connect()
    published = list(configs(device.link.taken()).items())
    assert published[: len(old)] == [(topic, "") for topic in old]
    assert [topic.split("/")[1] for topic, _ in published[len(old) :]] == ["device", "device"]
    assert device.clock.slept == [2.0]  # the old ids are gone before they come again
    back = Setup(memory=memory)
    await back.publisher(form="single")
    await back.link.connect()
    published = list(configs(back.link.taken()).items())
    assert [payload for topic, payload in published if "/device/" in topic] == ["", ""]
    assert {topic: payload for topic, payload in published if payload} == old


async def test_a_removed_camera_leaves_nothing_retained() -> None:
    memory = Memory()
    before = Setup(memory=memory)
    publisher = await before.publisher("door", "yard")
    await before.link.connect()
    await publisher.on_state(state("camera/yard", Level.OK, "running"))
    await publisher.on_event(event(Kind.FACE_RECOGNISED, source="yard", label="Ada"))
    left = {topic for topic, _, retained in before.link.taken() if retained and "yard" in topic}
    after = Setup(memory=memory)
    await after.publisher("door")
    await after.link.connect()
    cleared = [topic for topic, payload, retained in after.link.taken() if payload == "" and retained]
    assert left <= set(cleared)
    configs_first = [topic.endswith("/config") for topic in cleared]
    assert configs_first == sorted(configs_first, reverse=True)  # a living entity would complain
    assert all("yard" in topic for topic in cleared)
    assert "yard" not in memory.values["homeassistant/announced"]


async def test_a_crash_between_withdrawing_and_announcing_forgets_nothing() -> None:
    memory = Memory()
    before = Setup(memory=memory)
    await before.publisher("door", "yard")
    await before.link.connect()
    crashed = Setup(memory=memory)
    publisher = await crashed.publisher("door")
    crashed.link.connected = False
    with pytest.raises(Transient, match="broker_unreachable"):
        await publisher.announce()
    assert "yard" in memory.values["homeassistant/announced"]


@pytest.mark.parametrize("rubbish", ["{", "[]", '{"a": 1}', "null"])
async def test_an_unreadable_memory_is_counted_and_announcing_goes_on(rubbish: str) -> None:
    setup = Setup()
    setup.memory.values["homeassistant/announced"] = rubbish
    await setup.publisher()
    await setup.link.connect()
    assert len(configs(setup.link.taken())) == 6
    assert setup.counters.get("homeassistant.memory_unreadable") >= 1


async def test_a_full_disk_does_not_keep_us_from_announcing() -> None:
    class Full(Memory):
        async def get(self, key: str) -> str | None:
            raise Transient("disk_io")

        async def set(self, key: str, value: str) -> None:
            raise Transient("disk_full")

    setup = Setup(memory=Full())
    await setup.publisher()
    await setup.link.connect()
    assert len(configs(setup.link.taken())) == 6
    assert setup.counters.get("homeassistant.not_remembered") == 2


async def serving(publisher: HomeAssistantPublisher, body: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.create_task(publisher.run())
    try:
        await body()
    finally:
        await publisher.stop()
        await task


async def test_when_home_assistant_comes_up_everything_is_sent_again() -> None:
    setup = Setup()
    publisher = await setup.publisher()

    async def body() -> None:
        setup.link.arrive("homeassistant/status", b"online", retained=True)  # as old as our connection
        setup.link.arrive("homeassistant/status", b"offline")
        setup.link.arrive("homeassistant/status", b"online")
        await eventually(lambda: (f"{BASE}/status", "online", True) in setup.link.published)

    await serving(publisher, body)
    assert setup.counters.get("homeassistant.births") == 1
    assert len(configs(setup.link.published)) == 6


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"x" * 1_000_000, b"NaN", b"", b"ONLINE", b'{"a":1}'])
async def test_odd_words_from_home_assistant_are_counted_and_nothing_stops(payload: bytes) -> None:
    setup = Setup()
    publisher = await setup.publisher()

    async def body() -> None:
        setup.link.arrive("homeassistant/status", payload)
        setup.link.arrive("homeassistant/status", b"online")
        await eventually(lambda: setup.counters.get("homeassistant.births") == 1)

    await serving(publisher, body)
    assert setup.counters.get("homeassistant.odd_messages") == 1


async def test_after_a_changed_announcement_the_states_follow_once_more() -> None:
    setup = Setup()
    publisher = await setup.publisher()

    async def body() -> None:
        await setup.link.connect()
        setup.link.taken()
        await eventually(lambda: (f"{BASE}/camera/door/motion", "OFF", True) in setup.link.published)
        setup.link.taken()
        await setup.link.connect()
        states = len([topic for topic, _, _ in setup.link.taken() if topic.endswith("/motion")])
        for _ in range(50):
            await asyncio.sleep(0)
        assert (states, setup.link.taken()) == (1, [])  # unchanged: nothing follows

    await serving(publisher, body)
    assert setup.clock.slept == [2.0]
