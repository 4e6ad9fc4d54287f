"""The camera as a source: its thread, what is dropped, how it stops."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from gateway.errors import SourceLost
from gateway.flow.board import Counters
from gateway.sources.camera import CameraSource
from gateway.sources.judge import eventful
from gateway.sources.locator import FileLocator, Locator, V4l2Locator
from gateway.sources.ring import PacketRing
from gateway.testing.conformance_source import check_failure, check_source
from gateway.testing.source import MemorySource
from gateway.testing.watcher import FakeWatcher
from gateway.types import Frame, Seen


def camera(locator: Locator, watcher: FakeWatcher | None = None, counters: Counters | None = None) -> CameraSource:
    return CameraSource(
        name="cam",
        locator=locator,
        watcher=watcher or FakeWatcher(),
        ring=PacketRing(),
        report=lambda _state: None,
        counters=counters or Counters(),
        live=not isinstance(locator, FileLocator),
    )


def threads() -> int:
    return sum(thread.name == "camera-cam" for thread in threading.enumerate())


async def test_a_file_keeps_what_every_source_keeps(clip: Path) -> None:
    await check_source(lambda: camera(FileLocator(path=clip)), open_now=threads)


async def test_a_looping_clip_is_closed_at_once(clip: Path) -> None:
    endless = camera(FileLocator(path=clip, loop=True, realtime=True))
    async with asyncio.timeout(5), aclosing(endless.stream()) as sightings:
        await anext(sightings)
    assert threads() == 0


async def test_the_fake_keeps_it_too() -> None:
    sources: list[MemorySource[int]] = []

    def make() -> MemorySource[int]:
        sources.append(MemorySource("memory", [1, 2, 3]))
        return sources[-1]

    await check_source(make, open_now=lambda: sum(source.open for source in sources))


async def test_the_fake_fails_as_told() -> None:
    source: MemorySource[int] = MemorySource("memory", [1, SourceLost("gone")], [2])
    await check_failure(source, "gone", open_now=lambda: source.open)
    async with aclosing(source.stream()) as items:
        assert [item async for item in items] == [2]


@pytest.mark.parametrize(
    ("locator", "key"),
    [
        (V4l2Locator(device="/dev/video-none"), "camera_device_missing"),
        (FileLocator(path=Path("none.mp4")), "camera_file_missing"),
    ],
)
async def test_what_is_not_there_is_named(locator: Locator, key: str) -> None:
    await check_failure(camera(locator), key, open_now=threads)


async def test_a_slow_consumer_never_loses_motion_and_drops_are_counted(clip: Path) -> None:
    counters, shown = Counters(), threading.Event()

    def note(frame: Frame) -> None:
        if frame.seq == 19:
            shown.set()

    source = camera(FileLocator(path=clip), FakeWatcher(moving={4}, on_see=note), counters)
    async with aclosing(source.stream()) as sightings:
        pending = asyncio.ensure_future(anext(sightings))
        await asyncio.sleep(0)
        shown.wait(5)
        rest = [await pending] + [seen async for seen in sightings]
    assert 4 in [seen.frame.seq for seen in rest]
    assert counters.get("camera.cam.frames_dropped") == 20 - len(rest) > 0


async def test_a_bug_goes_through(clip: Path) -> None:
    def fail(_frame: Frame) -> None:
        raise ZeroDivisionError

    async with aclosing(camera(FileLocator(path=clip), FakeWatcher(on_see=fail)).stream()) as sightings:
        with pytest.raises(ZeroDivisionError):
            await anext(sightings)
    assert threads() == 0


async def test_the_ring_is_filled_on_the_way(clip: Path) -> None:
    source = camera(FileLocator(path=clip))
    async with aclosing(source.stream()) as sightings:
        async for _ in sightings:
            pass
    assert [parcel.seq for parcel in source._ring.kept()] == list(range(10, 20))


@pytest.mark.parametrize(("old", "new", "kept"), [((), (), 2), ((1,), (), 1), ((), (2,), 2), ((1,), (2,), 2)])
def test_the_newer_sighting_unless_only_the_older_shows_something(
    old: tuple[int, ...], new: tuple[int, ...], kept: int, sighting: Callable[[int, bool], Seen]
) -> None:
    assert eventful(sighting(1, bool(old)), sighting(2, bool(new))).frame.seq == kept
