"""A whole house behind the page: real store, real cameras from a drawn clip, obedient devices and people.

To look at it: `python -m tests.browser.house 8420`.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.errors import Problem
from gateway.flow.board import Board, Counters
from gateway.flow.clock import SystemClock
from gateway.sources.camera import CameraSource
from gateway.sources.live import LiveView
from gateway.sources.locator import FileLocator
from gateway.sources.ring import PacketRing
from gateway.store.database import Database
from gateway.store.events import EventLog
from gateway.store.journal import Journal
from gateway.store.keyvalue import KeyValue
from gateway.store.media import MediaStore
from gateway.store.rollouts import Corrections
from gateway.testing.watcher import FakeWatcher
from gateway.types import (
    Command,
    Event,
    Kind,
    Level,
    Origin,
    Outcome,
    Quality,
    Quantity,
    Reading,
    Result,
    Stamp,
    State,
    Switch,
    World,
    new_id,
)
from gateway.web.auth import Auth
from gateway.web.authority import Authority
from gateway.web.hub import Broadcast
from gateway.web.parts import Accounts, Device, ModelView, Underneath, WebParts
from gateway.web.server import serve
from tests.browser.rooms import drawn_climate
from tests.browser.scene import crop, write_clip
from tests.unit.web.fakes import FakeClimate, FakeDevices, FakeModels, FakePeople

READINGS = (
    ("living_room", Quantity.TEMPERATURE, 21.4, "degC", Quality.GOOD),
    ("living_room", Quantity.HUMIDITY, 46.0, "%", Quality.GOOD),
    ("garden", Quantity.TEMPERATURE, 7.9, "degC", Quality.STALE),
    ("garden", Quantity.ILLUMINANCE, 12.0, "lx", Quality.GOOD),
    ("heater", Quantity.POWER, 840.0, "W", Quality.GOOD),
    ("front_door", Quantity.CONTACT, 0.0, "bool", Quality.GOOD),
)
DEVICES = (
    Device(id="porch_lamp", name="Porch lamp", kind="lamp", on=False),
    Device(id="heater", name="Heater", kind="heater", on=True, detail="21.0 °C wanted", reserved=True),
    Device(id="pump", name="Garden pump", kind="switch", on=None, available=False),
)


@dataclass
class House:
    """What a test does to the house, and where its page is."""

    url: str
    parts: WebParts
    events: EventLog
    journal: Journal
    corrections: Corrections
    media: MediaStore
    people: FakePeople
    devices: FakeDevices
    models: FakeModels
    climate: FakeClimate

    async def wrong(self, event: Event) -> int:
        """How many events of that kind were called wrong."""
        said = await self.corrections.by_source({event.kind}, event.stamp.wall - timedelta(hours=1))
        return sum(one.wrong for one in said.values())

    async def happen(self, kind: Kind, source: str = "garden", label: str | None = None) -> Event:
        """An event with a picture, stored and told to every page."""
        stamp, number = Stamp.now(), new_id()
        await self.media.put(f"{number}.jpg", crop(stamp.mono_ns / 1e9 % 9))
        event = Event(
            id=number, kind=kind, stamp=stamp, began=stamp, source=source, label=label, evidence=f"{number}.jpg"
        )
        await self.events.add(event)
        self.parts.hub.publish("event", event)
        return event

    async def act(self, cause: Event, target: str = "porch_lamp") -> Command:
        """A rule's command and its outcome."""
        stamp = Stamp.now()
        command = Command(
            id=new_id(),
            target=target,
            action=Switch(on=True),
            issued=stamp,
            ttl_s=5,
            origin=Origin.RULE,
            cause=cause.id,
            trigger=cause.stamp,
            why="Somebody moved in the garden after dark.",
        )
        outcome = Outcome(command=command.id, result=Result.DONE, took_s=0.038)
        await self.journal.add_command(command)
        await self.journal.add_outcome(outcome)
        self.parts.hub.publish("command", command)
        self.parts.hub.publish("outcome", outcome)
        return command

    def report(self, part: str, level: Level, key: str, detail: str = "") -> None:
        state = State(part=part, level=level, key=key, detail=detail)
        self.parts.board.report(state)


@asynccontextmanager
async def open_house(
    folder: Path,
    *,
    port: int = 0,
    cameras: Sequence[str] = ("garden",),
    problems: Sequence[Problem] = (),
    machine: Underneath | None = None,
    accounts: Accounts | None = None,
    authority: Callable[[], Authority | None] | None = None,
) -> AsyncGenerator[House, None]:
    """Everything started; stopped backwards at the end."""
    async with AsyncExitStack() as stack:
        counters, board, clock = Counters(), Board(), SystemClock()
        database = await stack.enter_async_context(Database(folder / "house.db"))
        media = await stack.enter_async_context(MediaStore(folder / "media", 1 << 24, 86400, reserve_bytes=0))
        auth = await stack.enter_async_context(Auth(KeyValue(database), clock))
        hub = Broadcast(counters)
        board.listen(lambda state: hub.publish("state", state))
        views = {name: await _camera(stack, folder, name, board, counters) for name in cameras}
        people, devices, models = FakePeople(), FakeDevices(DEVICES), FakeModels()
        world, climate = _world(), drawn_climate(clock.now().wall)
        corrections = Corrections(database)
        parts = WebParts(
            name="Hearthgate",
            version="0.1.0",
            auth=auth,
            board=board,
            counters=counters,
            hub=hub,
            clock=clock,
            cameras=views,
            events=EventLog(database),
            corrections=corrections,
            journal=Journal(database),
            media=media,
            people=people,
            devices=devices,
            world=lambda: world,
            problems=problems,
            models=models,
            climate=climate,
            machine=machine,
            accounts=accounts,
            authority=authority,
            heat=lambda: {"cpu-thermal": 51.3},
        )
        running = await stack.enter_async_context(serve(parts, port=port))
        yield House(
            url=running.url.rstrip("/"),
            parts=parts,
            events=EventLog(database),
            journal=Journal(database),
            corrections=corrections,
            media=media,
            people=people,
            devices=devices,
            models=models,
            climate=climate,
        )


async def _camera(stack: AsyncExitStack, folder: Path, name: str, board: Board, counters: Counters) -> LiveView:
    clip, ring = folder / "clip.mp4", PacketRing()
    if not clip.exists():
        await asyncio.to_thread(write_clip, clip, 6)
    view = LiveView(ring, name=name, counters=counters)
    stack.callback(view.close)
    source = CameraSource(
        name=name,
        locator=FileLocator(path=clip, loop=True, realtime=True),
        watcher=FakeWatcher(keys_only=True),
        ring=ring,
        report=board.report,
        counters=counters,
        live=False,
    )
    task = asyncio.create_task(_watch(source, view), name=f"watch-{name}")
    stack.push_async_callback(_end, task)
    return view


async def _watch(source: CameraSource, view: LiveView) -> None:
    async with aclosing(source.stream()) as sightings:
        async for seen in sightings:
            view.show(seen.frame)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def _world() -> World:
    stamp = Stamp.now()
    world = World(local=stamp.wall)
    for device, quantity, value, unit, quality in READINGS:
        reading = Reading(device=device, quantity=quantity, value=value, unit=unit, stamp=stamp, quality=quality)
        world = world.with_reading(reading)
    return world


def run_models(house: House) -> None:
    """A detector on the Edge TPU, its candidate, and the embedding, after some work."""
    house.models.views = [
        ModelView(id="blazeface_full", version="2024-10-02", role="face_detector", backend="tpu"),
        ModelView(
            id="blazeface_full",
            version="2026-11-20",
            role="face_detector",
            phase="shadow",
            metered="blazeface_full@2",
        ),
        ModelView(id="dlib_resnet_v1", version="1", role="face_embedder"),
        ModelView(id="motion_grid", version="1", role="motion", backend="onnx"),
    ]
    meters = house.parts.meters
    for number in range(100):
        meters.took("blazeface_full", "tpu", took_s=0.0034 + number / 1e5, waited_s=number / 1e5)
        meters.took("blazeface_full@2", "cpu", took_s=0.019 + number / 1e4)
        meters.took("dlib_resnet_v1", "cpu", took_s=0.0152 + number / 1e4)
    meters.failed("blazeface_full", "tpu", "tpu_lost")
    house.report("accelerator", Level.OK, "tpu", "USB 3, libedgetpu 16.0 for TensorFlow 2.17")


async def furnish(house: House) -> None:
    """A day in this house."""
    run_models(house)
    house.report("broker", Level.OK, "running", "embedded, 3 clients")
    house.report("store", Level.OK, "running", "212 events, 14 MB of pictures")
    house.report("rules", Level.OK, "running", "4 rules")
    house.report("faces", Level.STARTING, "models_loading", "BlazeFace and ResNet are being checked")
    for kind, label in ((Kind.SCENE_CHANGED, None), (Kind.FACE_UNKNOWN, None), (Kind.MOTION_BEGAN, None)):
        await house.happen(kind, label=label)
    cause = await house.happen(Kind.FACE_RECOGNISED, "front_door", "Ada")
    await house.act(cause)
    await house.people.enrol("Ada", [b"good"] * 3, "ida")
    await house.people.enrol("Grace", [b"good"] * 3, "ida")
    first = next(iter(house.people.known))
    house.people.known[first] = replace(house.people.known[first], stale=True)
    for name, count in (("camera.garden.frames", 18_220), ("camera.garden.frames_dropped", 3), ("mqtt.sent", 412)):
        house.parts.counters.add(name, count)


async def _main(port: int) -> None:
    with TemporaryDirectory() as folder:
        async with open_house(Path(folder), port=port, cameras=("garden", "front_door")) as house:
            await furnish(house)
            sys.stdout.write(f"{house.url}/login#code={house.parts.auth.claim_code()}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]) if len(sys.argv) > 1 else 8420))
