"""A real RTSP server, a supervised camera in front of it, and a password that must never show up."""

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from gateway.flow.board import Board, Counters
from gateway.flow.clock import SystemClock
from gateway.flow.supervise import Backoff, supervise
from gateway.seams import Watcher
from gateway.sources.camera import CameraSource
from gateway.sources.locator import Locator, RtspLocator
from gateway.sources.reader import Patience
from gateway.sources.ring import PacketRing
from gateway.testing.watcher import FakeWatcher
from gateway.types import Seen, State
from tests.integration.rtsp_server import RtspServer, make_clip, missing

CANARY = "c4n/ary Pa:ss"
SHORT = Patience(open_s=1.0, read_s=0.5, silence_s=10.0, close_s=3.0, corrupt_hold_s=0.3)
BACKOFF = Backoff(first_s=0.05, most_s=0.1, refused_s=0.2)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if reason := missing():
        pytest.skip(reason)
    return make_clip(tmp_path_factory.mktemp("clips") / "cam.h264")


@pytest.fixture
def server(clip: Path) -> Iterator[RtspServer]:
    """Not started."""
    server = RtspServer(clip, user="ann", password=CANARY)
    yield server
    server.kill()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Rig:
    """One supervised camera; everything it says is kept."""

    def __init__(self, locator: Locator, patience: Patience, watcher: Watcher | None = None) -> None:
        self.states: list[State] = []
        self.sightings: list[Seen] = []
        self.counters = Counters()
        self.ring = PacketRing()
        self.watcher = watcher or FakeWatcher()
        self._board = Board()
        self._board.listen(self._noted)
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Condition()
        self.camera = CameraSource(
            name="cam",
            locator=locator,
            watcher=self.watcher,
            ring=self.ring,
            report=self._board.report,
            counters=self.counters,
            live=True,
            patience=patience,
        )

    @property
    def keys(self) -> list[str]:
        return [state.key for state in self.states]

    def _noted(self, state: State) -> None:
        self.states.append(state)

    async def run(self) -> None:
        items = supervise(self.camera, "camera/cam", clock=SystemClock(), report=self._board.report, backoff=BACKOFF)
        assert isinstance(items, AsyncGenerator)
        async with aclosing(items):
            async for seen in items:
                self.sightings.append(seen)

    async def until(self, condition: Callable[[], bool], what: str, limit_s: float = 15.0) -> None:
        """The condition is looked at again and again; AssertionError with what was said when it stays false."""
        deadline = self._loop.time() + limit_s
        while not condition():
            assert self._loop.time() < deadline, f"never {what}; said {self.keys}"
            await asyncio.sleep(0.01)

    async def says(self, key: str, *, after: int = 0) -> int:
        """The place after the first `key` among the states from place `after` on."""
        await self.until(lambda: key in self.keys[after:], f"said {key!r} after {self.keys[:after]}")
        return self.keys.index(key, after) + 1


@asynccontextmanager
async def running(
    locator: Locator, patience: Patience = SHORT, watcher: Watcher | None = None
) -> AsyncGenerator[Rig, None]:
    """A supervised camera at work; afterwards its thread and its sockets are gone."""
    sockets = open_sockets()
    rig = Rig(locator, patience, watcher)
    task = asyncio.create_task(rig.run(), name="rig")
    try:
        yield rig
    finally:
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()
    assert_no_secret(repr(rig.states))
    assert not [t.name for t in threading.enumerate() if t.name == "camera-cam"]
    assert open_sockets() <= sockets


def open_sockets() -> int:
    links = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return sum(str(link).startswith("socket:") for link in links)


def watched(server: RtspServer, path: str = "/cam", password: str = CANARY) -> RtspLocator:
    return RtspLocator(url=server.url(path), user="ann", password=password)


@pytest.fixture(autouse=True)
def secret_stays_inside(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No log line and nothing on stdout or stderr holds the password, in any spelling."""
    caplog.set_level(logging.DEBUG)
    yield
    said = capfd.readouterr()
    assert_no_secret(caplog.text + said.out + said.err)


def assert_no_secret(text: str) -> None:
    for spelling in (CANARY, quote(CANARY), quote(CANARY, safe="")):
        assert spelling not in text
