"""Clips and readers of them."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from gateway.flow.board import Counters
from gateway.sources.locator import FileLocator
from gateway.sources.reader import Reader
from gateway.sources.ring import PacketRing
from gateway.testing.watcher import FakeWatcher
from gateway.types import Frame, Seen, Stamp, State
from tests.unit.sources.clips import make_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 frames, key frames at 0, 5, 10, 15, no B frames."""
    return make_clip(tmp_path_factory.mktemp("clips") / "plain.mp4")


class Bench:
    """What one reader works with."""

    def __init__(self) -> None:
        self.counters = Counters()
        self.ring = PacketRing()
        self.states: list[State] = []

    def reader(
        self,
        path: Path,
        watcher: FakeWatcher,
        *,
        loop: bool = False,
        rest_s: float = 0.0,
        stop: threading.Event | None = None,
    ) -> Reader:
        return Reader(
            name="cam",
            locator=FileLocator(path=path, loop=loop, rest_s=rest_s),
            watcher=watcher,
            ring=self.ring,
            report=self.states.append,
            counters=self.counters,
            live=False,
            stop=stop,
        )

    def count(self, what: str) -> int:
        return self.counters.get(f"camera.cam.{what}")


@pytest.fixture
def bench() -> Bench:
    return Bench()


class _Grey:
    def rgb(self, x0: int, y0: int, x1: int, y1: int) -> npt.NDArray[np.uint8]:
        return np.full((y1 - y0, x1 - x0, 3), 90, np.uint8)


@pytest.fixture
def sighting() -> Callable[[int, bool], Seen]:
    """A grey picture of 80x48 with the given number, with or without motion."""

    def make(seq: int, moving: bool) -> Seen:
        luma = np.full((48, 80), 90, np.uint8)
        frame = Frame(source="cam", seq=seq, stamp=Stamp.now(), luma=luma, chroma=_Grey())
        return Seen(frame=frame, motion=FakeWatcher(moving={seq} if moving else ()).see(frame))

    return make
