"""The live view: what a player and a thumbnail get, read back with a real demuxer and a real decoder."""

import asyncio
import io
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from gateway.flow.board import Counters
from gateway.sources.live import LiveView
from gateway.sources.packets import Parcel, StreamInfo
from gateway.sources.ring import PacketRing
from gateway.testing.watcher import FakeWatcher
from gateway.types import Seen, Stamp
from tests.unit.sources.clips import HEIGHT, WIDTH, level, make_clip
from tests.unit.sources.conftest import Bench


class Feed:
    """A clip's parcels, given to a ring when the test says so."""

    def __init__(self, clip: Path) -> None:
        bench = Bench()
        parcels: list[Parcel | None] = []
        bench.ring.follow(parcels.append)
        list(bench.reader(clip, FakeWatcher()).seen())
        assert bench.ring.info is not None
        self.info: StreamInfo = bench.ring.info
        self.parcels = [parcel for parcel in parcels if parcel is not None]
        self.ring = PacketRing()

    def give(self, first: int, last: int) -> None:
        for parcel in self.parcels[first : last + 1]:
            self.ring.add(replace(parcel, stamp=Stamp.now()))


@pytest.fixture(params=["mp4", "h264"])
def feed(request: pytest.FixtureRequest, clip: Path, tmp_path: Path) -> Feed:
    """The same pictures as length-prefixed packets of a file and as the byte stream that cameras send."""
    suffix = str(request.param)
    return Feed(clip if suffix == "mp4" else make_clip(tmp_path / "cam.h264"))


@pytest.fixture
async def live(feed: Feed) -> AsyncIterator[LiveView]:
    view = LiveView(feed.ring, name="cam", counters=Counters())
    yield view
    view.close()


async def chunks(stream: AsyncGenerator[bytes, None], count: int) -> list[bytes]:
    async with asyncio.timeout(5):
        return [await anext(stream) for _ in range(count)]


def pictures(data: bytes) -> list[float]:
    with av.open(io.BytesIO(data), "r") as container:
        return [float(frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]


def expected(*numbers: int) -> list[float]:
    return [(level(n) - 16) * 255 / 219 for n in numbers]


async def test_a_viewer_starts_at_once_with_the_kept_gop_and_goes_on(feed: Feed, live: LiveView) -> None:
    feed.ring.begin(feed.info)
    feed.give(0, 7)
    async with aclosing(live.fragments()) as stream:
        got = await chunks(stream, 3)
        feed.give(8, 12)
        got += await chunks(stream, 5)
        feed.ring.begin(feed.info)
        got += [chunk async for chunk in stream]
    assert got[0][4:8] == b"ftyp"
    assert b"moov" in got[0]
    assert all(chunk[4:8] == b"moof" for chunk in got[1:-1])
    assert pictures(b"".join(got)) == pytest.approx(expected(*range(5, 13)), abs=3)


async def test_two_viewers_do_not_disturb_each_other(feed: Feed, live: LiveView) -> None:
    feed.ring.begin(feed.info)
    feed.give(0, 2)
    async with aclosing(live.fragments()) as first, aclosing(live.fragments()) as second:
        early = await chunks(first, 3)
        feed.give(3, 8)
        late = await chunks(second, 4)
        early += await chunks(first, 6)
    assert pictures(b"".join(early)) == pytest.approx(expected(*range(8)), abs=3)
    assert pictures(b"".join(late)) == pytest.approx(expected(5, 6, 7), abs=3)


async def test_a_slow_viewer_skips_to_a_key_frame(feed: Feed) -> None:
    counters = Counters()
    live = LiveView(feed.ring, name="cam", counters=counters, backlog=4)
    feed.ring.begin(feed.info)
    feed.give(0, 0)
    async with aclosing(live.fragments()) as stream:
        got = await chunks(stream, 1)
        feed.give(1, 16)
        feed.ring.begin(feed.info)
        got += [chunk async for chunk in stream]
    live.close()
    shown = pictures(b"".join(got))
    assert counters.get("live.cam.dropped") == 17 - len(shown) > 0
    assert shown[:1] == pytest.approx(expected(0), abs=3)
    assert shown[1:] == pytest.approx(expected(*range(17 - len(shown) + 1, 17)), abs=3)


async def test_the_type_for_the_player(feed: Feed, live: LiveView) -> None:
    before = live.mime
    feed.ring.begin(feed.info)
    feed.give(0, 0)
    assert before is None
    assert re.fullmatch(r'video/mp4; codecs="avc1\.4D[0-9A-F]{4}"', live.mime or "")


async def test_what_a_player_cannot_take_has_no_type_but_a_picture(tmp_path: Path) -> None:
    feed = Feed(make_clip(tmp_path / "old.avi", codec="mpeg4"))
    live = LiveView(feed.ring, name="cam", counters=Counters())
    feed.ring.begin(feed.info)
    feed.give(0, 6)
    assert live.mime is None
    async with aclosing(live.fragments()) as stream:
        assert [chunk async for chunk in stream] == []
    picture, key = decoded(await live.jpeg()), feed.ring.last_key()
    live.close()
    assert key is not None
    assert picture.mean() == pytest.approx(expected(key.seq)[0], abs=4)


def decoded(jpeg: bytes | None) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    assert jpeg is not None
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


async def test_no_picture_before_the_first(live: LiveView) -> None:
    assert await live.jpeg() is None


async def test_a_still_of_the_newest_key_frame(feed: Feed, live: LiveView) -> None:
    feed.ring.begin(feed.info)
    feed.give(0, 7)
    picture = decoded(await live.jpeg(max_width=80))
    assert picture.shape == (HEIGHT * 80 // WIDTH, 80, 3)
    assert picture.mean() == pytest.approx(expected(5)[0], abs=4)
    assert decoded(await live.jpeg(max_width=640)).shape == (HEIGHT, WIDTH, 3)


async def test_a_still_of_the_frame_that_was_shown_last(
    feed: Feed, live: LiveView, sighting: Callable[[int, bool], Seen]
) -> None:
    feed.ring.begin(feed.info)
    feed.give(0, 7)
    live.show(sighting(8, False).frame)
    assert decoded(await live.jpeg()).shape == (48, 80, 3)
