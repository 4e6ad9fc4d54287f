import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest

from gateway.errors import Invalid, Refused
from gateway.flow.board import Counters
from gateway.perception.blazeface import Rgb
from gateway.perception.face_thread import FaceThread
from gateway.perception.faces import FacePipeline
from gateway.perception.gallery import Gallery, Template
from gateway.perception.recogniser import FaceRecogniser
from gateway.types import Box, Event, Kind, Seen
from tests.unit.perception.painted import blank, paint, pipeline, seen, vector_of

HOUSE = Gallery(model="m", templates=(Template(person="a", name="Ann", model="m", vector=vector_of(1)),))
MOVED = Box(x0=0.2, y0=0.2, x1=0.8, y1=0.8)


def _ann(at: float = 0.0, source: str = "door", who: int = 1) -> Seen:
    return seen(paint(blank(), 320, 240, 80, who), at, MOVED, source=source)


class Bench:
    """A recogniser at work; `stop` drains it and returns its events."""

    def __init__(self, faces: FaceThread, gallery: Gallery = HOUSE, fps: float = 5.0) -> None:
        self.counters = Counters()
        self.pictures: list[Rgb] = []
        self.recogniser = FaceRecogniser(
            faces=faces, gallery=gallery, model="net", counters=self.counters, evidence=self._keep, fps=fps
        )
        self.events: list[Event] = []
        self.told = asyncio.Event()
        self.task: asyncio.Task[None] = asyncio.create_task(self.recogniser.run(), name="faces")
        self._reader = asyncio.create_task(self._read(), name="reader")

    async def _read(self) -> None:
        async for event in self.recogniser.events():
            self.events.append(event)
            self.told.set()

    def _keep(self, event: Event, picture: Rgb) -> str:
        self.pictures.append(picture)
        return f"{event.id}.jpg"

    async def read_out(self) -> list[Event]:
        await self._reader
        return self.events

    async def stop(self) -> list[Event]:
        await self.recogniser.close()
        await self.task
        return await self.read_out()


@asynccontextmanager
async def _bench(eyes: FacePipeline | None = None, gallery: Gallery = HOUSE, fps: float = 5.0) -> AsyncIterator[Bench]:
    async with FaceThread(lambda: eyes or pipeline()) as faces:
        yield Bench(faces, gallery, fps)


async def _looked(bench: Bench) -> None:
    async with asyncio.timeout(10):
        while not bench.counters.get("faces.looked"):  # noqa: ASYNC110  # a counter wakes nobody
            await asyncio.sleep(0.001)


async def test_a_frame_becomes_an_event_with_evidence() -> None:
    async with _bench() as bench:
        assert bench.recogniser.offer(_ann(1.0))
        (event,) = await bench.stop()
    assert (event.kind, event.label) == (Kind.FACE_RECOGNISED, "Ann")
    assert event.evidence == f"{event.id}.jpg"
    assert len(bench.pictures) == 1
    assert bench.counters.get("faces.looked") == 1
    assert bench.counters.get("faces.recognised") == 1


async def test_closing_finishes_what_waits_and_takes_nothing_more() -> None:
    async with _bench() as bench:
        for camera in ("a", "b", "c", "d"):
            assert bench.recogniser.offer(_ann(1.0, camera))
        await bench.recogniser.close()
        assert not bench.recogniser.offer(_ann(9.0, "e"))
        events = await bench.stop()
    assert sorted(event.source for event in events) == ["a", "b", "c", "d"]


async def test_a_waiting_frame_gives_way_to_a_newer_one_and_is_counted() -> None:
    async with _bench() as bench:
        assert bench.recogniser.offer(_ann(1.0))
        assert bench.recogniser.offer(_ann(1.5))
        (event,) = await bench.stop()
    assert event.stamp == _ann(1.5).frame.stamp
    assert bench.counters.get("faces.replaced") == 1


async def test_nothing_is_looked_at_without_motion_or_in_bad_frames() -> None:
    one = _ann()
    async with _bench() as bench:
        assert not bench.recogniser.offer(replace(one, motion=replace(one.motion, boxes=())))
        assert not bench.recogniser.offer(replace(one, motion=replace(one.motion, warming_up=True)))
        assert not bench.recogniser.offer(replace(one, motion=replace(one.motion, scene_changed=True)))
        assert not bench.recogniser.offer(replace(one, frame=replace(one.frame, corrupt=True)))
        assert await bench.stop() == []


async def test_each_camera_is_looked_at_so_many_times_a_second_only() -> None:
    async with _bench(fps=5, gallery=Gallery(model="m")) as bench:
        assert bench.recogniser.offer(_ann(1.0))
        await _looked(bench)
        assert not bench.recogniser.offer(_ann(1.1))
        assert bench.recogniser.offer(_ann(1.2))
        assert bench.recogniser.offer(_ann(1.1, "other"))
        await bench.stop()


async def test_where_everybody_has_a_name_the_next_look_may_wait() -> None:
    async with _bench() as bench:
        assert bench.recogniser.offer(_ann(1.0))
        await bench.told.wait()
        assert not bench.recogniser.offer(_ann(1.3)), "a fifth of a second would do for a stranger"
        assert bench.recogniser.offer(_ann(1.6))
        await bench.stop()


async def test_a_new_gallery_counts_from_the_next_frame_on() -> None:
    async with _bench(gallery=Gallery(model="m")) as bench:
        bench.recogniser.use(HOUSE)
        bench.recogniser.offer(_ann())
        assert [event.label for event in await bench.stop()] == ["Ann"]


class _Fails:
    """An embedder that fails as it is told."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __call__(self, _aligned: Rgb) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        raise self._error


async def test_a_failing_inference_costs_one_frame_only(monkeypatch: pytest.MonkeyPatch) -> None:
    eyes = pipeline()
    async with _bench(eyes) as bench:
        monkeypatch.setattr(eyes, "embed", _Fails(Invalid("model_failed")))
        bench.recogniser.offer(_ann(1.0, "a"))
        bench.recogniser.offer(_ann(1.1, "b"))
        assert await bench.stop() == []
    assert bench.counters.get("faces.failed") == 2


async def test_a_bug_goes_through_and_ends_the_events(monkeypatch: pytest.MonkeyPatch) -> None:
    eyes = pipeline()
    async with _bench(eyes) as bench:
        monkeypatch.setattr(eyes, "embed", _Fails(ZeroDivisionError()))
        bench.recogniser.offer(_ann())
        with pytest.raises(ZeroDivisionError):
            await bench.task
        assert await bench.read_out() == []


async def test_the_models_live_on_one_named_thread_and_are_closed_there() -> None:
    names: list[str] = []
    eyes = pipeline()

    def opened() -> FacePipeline:
        names.append(threading.current_thread().name)
        return eyes

    async with FaceThread(opened) as faces:
        names.append(await faces.call(lambda _: threading.current_thread().name))
    assert names == ["faces_0", "faces_0"]
    assert all(backend.closed for backend in eyes._backends)  # type: ignore[attr-defined]


async def test_models_that_do_not_open_are_told_at_entry() -> None:
    def missing() -> FacePipeline:
        raise Refused("model_missing")

    with pytest.raises(Refused, match="model_missing"):
        async with FaceThread(missing):
            pass
