import asyncio

import cv2
import numpy as np
import numpy.typing as npt

from gateway.app.evidence import WIDTH_PX, Evidence
from gateway.flow.board import Counters
from gateway.types import Frame, Kind, Stamp

from .corridor import event


class Red:
    """A camera that looks at a red wall."""

    def rgb(self, x0: int, y0: int, x1: int, y1: int) -> npt.NDArray[np.uint8]:
        return np.full((y1 - y0, x1 - x0, 3), (200, 10, 10), np.uint8)


class Media:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    async def put(self, name: str, data: bytes) -> None:
        self.files[name] = data


async def test_the_picture_of_an_event_is_stored_under_the_name_it_carries() -> None:
    media, counters = Media(), Counters()
    evidence = Evidence(media, counters)
    frame = Frame(source="door", seq=1, stamp=Stamp.now(), luma=np.zeros((720, 1280), np.uint8), chroma=Red())
    pictured = evidence.of_frame(event(), frame)
    plain = evidence.of_frame(event(Kind.MOTION_ENDED), frame)
    evidence.close()
    await evidence.run(lambda: None)
    assert plain.evidence is None
    assert pictured.evidence is not None
    picture = cv2.imdecode(np.frombuffer(media.files[pictured.evidence], np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (360, WIDTH_PX, 3)
    blue, green, red = picture.reshape(-1, 3).mean(axis=0)
    assert red > 150
    assert max(blue, green) < 60
    assert counters.get("evidence.dropped") == 0


async def test_a_flood_of_pictures_drops_the_oldest_and_counts_them() -> None:
    media, counters = Media(), Counters()
    evidence = Evidence(media, counters)
    names = [evidence.keep(f"{number:032x}", lambda: Red().rgb(0, 0, 8, 8)) for number in range(40)]
    evidence.close()
    await asyncio.wait_for(evidence.run(lambda: None), 30)
    assert list(media.files) == names[-len(media.files) :]
    assert counters.get("evidence.dropped") == 40 - len(media.files) > 0
