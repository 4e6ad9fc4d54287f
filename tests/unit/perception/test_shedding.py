"""What looking at faces leaves out under load, and what it never leaves out."""

import asyncio
from typing import cast

import pytest

from gateway.flow.board import Counters
from gateway.perception.face_thread import FaceThread
from gateway.perception.faces import FacePipeline
from gateway.perception.gallery import Gallery
from gateway.perception.recogniser import FaceRecogniser
from gateway.perception.regions import Region
from gateway.perception.sighting import sight
from gateway.types import Box
from tests.unit.perception.painted import PaintedDetector, blank, paint, pipeline, seen

MOVED = Box(x0=0.2, y0=0.2, x1=0.8, y1=0.8)
WHOLE = Region(x0=0, y0=0, x1=640, y1=480)


def close_up_looks(eyes: FacePipeline, *, width: int) -> int:
    """How often the close-up detector looked while a picture with one face was searched and the face aligned."""
    picture = seen(paint(blank(), 320, 240, width, 1))
    for sighting in sight(picture.frame, WHOLE, eyes):
        sighting.portrait(eyes)
    return cast("PaintedDetector", eyes._short._backend).calls


@pytest.mark.parametrize(("level", "looks"), [(0, 1), (1, 1), (2, 0), (3, 0)])
def test_the_second_look_at_a_face_is_left_out_from_level_two(level: int, looks: int) -> None:
    assert close_up_looks(pipeline(shedding=lambda: level), width=80) == looks


@pytest.mark.parametrize(("level", "looks"), [(1, 1), (2, 0)])
def test_the_second_detector_is_left_out_from_level_two(level: int, looks: int) -> None:
    blind = pipeline(most_share=0, shedding=lambda: level)
    assert min(1, close_up_looks(blind, width=80)) == looks


def test_one_photo_is_always_searched_in_full() -> None:
    assert pipeline(most_share=0, shedding=lambda: 3).find(paint(blank(480, 480), 240, 240, 120, 1))


@pytest.mark.parametrize(("level", "interval_s"), [(0, 0.2), (1, 0.4), (2, 0.8), (3, 1.6)])
async def test_each_level_halves_how_often_a_camera_is_looked_at(level: int, interval_s: float) -> None:
    counters = Counters()
    async with FaceThread(pipeline) as faces:
        recogniser = FaceRecogniser(
            faces=faces, gallery=Gallery(model="m"), model="net", counters=counters, fps=5, shedding=lambda: level
        )
        running = asyncio.create_task(recogniser.run(), name="faces")
        picture = paint(blank(), 320, 240, 80, 1)
        assert recogniser.offer(seen(picture, 1.0, MOVED))
        async with asyncio.timeout(10):
            while not counters.get("faces.looked"):  # noqa: ASYNC110  # a counter wakes nobody
                await asyncio.sleep(0.001)
        assert not recogniser.offer(seen(picture, 1.0 + interval_s * 0.95, MOVED))
        assert recogniser.offer(seen(picture, 1.0 + interval_s * 1.05, MOVED))
        await recogniser.close()
        await running
        async for _ in recogniser.events():
            pass
